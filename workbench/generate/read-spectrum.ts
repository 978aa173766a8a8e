export type Spectrum = { readonly energyEv: readonly number[]; readonly mu: readonly number[] };

const FEWEST_POINTS = 60;

/** @param text FEFF's xmu.dat: columns omega, e, k, mu, mu0, chi. Throws on anything that is not a whole spectrum. */
export function readSpectrum(text: string): Spectrum {
  const rows = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
    .map((line) => line.trim().split(/\s+/).map(Number));
  const energyEv = rows.map((row) => Number(row[0]!.toFixed(3)));
  const mu = rows.map((row) => Number((row[3] ?? Number.NaN).toPrecision(6)));
  if (energyEv.length < FEWEST_POINTS) {
    throw new Error(`Expected at least ${FEWEST_POINTS} points in xmu.dat, got ${energyEv.length}`);
  }
  if (![...energyEv, ...mu].every(Number.isFinite))
    throw new Error('Expected only finite numbers in xmu.dat');
  const unsorted = energyEv.findIndex((energy, i) => i > 0 && energy <= energyEv[i - 1]!);
  if (unsorted !== -1)
    throw new Error(`Expected rising energies in xmu.dat, got ${energyEv[unsorted]} after more`);
  return { energyEv, mu };
}
