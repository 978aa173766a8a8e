/** Where the energies of a scan have their zero from, as a part of a sentence. */
export function shiftSource(source: string, energyScale: string): string {
  if (source === 'reference-foil') return 'its own reference foil';
  if (source === 'standard-foil') return "the beamline's foil";
  return `the table for ${energyScale}`;
}
