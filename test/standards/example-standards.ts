import type { Scan } from '../../src/messages/scan.ts';
import type { KnownOfStandard, Standard } from '../../src/messages/standard.ts';
import { COBALT, scanOf, syntheticEdge } from '../spectra/synthetic-edge.ts';

export const FOIL: KnownOfStandard = { kind: 'foil' };
export const osOf = (value: number): KnownOfStandard => ({
  kind: 'mean-oxidation-state',
  value,
  uncertainty: 0.05,
});

/** A sample of the beamline `test`, valid from 1970 on. */
export function standardOf(fields: Partial<Standard> = {}, scan: Partial<Scan> = {}): Standard {
  const measured = scanOf({ ...syntheticEdge(COBALT), endedAtMs: 0, ...scan });
  return {
    standardId: 'sample',
    beamline: 'test',
    element: measured.element,
    edge: measured.edge,
    validFromMs: 0,
    validUntilMs: null,
    known: osOf(3),
    scan: measured,
    ...fields,
  };
}

/** A foil whose monochromator reads so many eV too high. */
export function foilOf(highEv: number, fields: Partial<Standard> = {}): Standard {
  const { energyEv, mu } = syntheticEdge({ ...COBALT, e0Ev: 7709, whiteLine: 0 });
  const scan = { energyEv: energyEv.map((energy) => energy + highEv), mu };
  return standardOf({ standardId: 'foil', known: FOIL, ...fields }, scan);
}
