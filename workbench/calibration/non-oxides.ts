import type { ElementReference } from '../../src/messages/prepared.ts';
import { readSites, type Site } from '../data/dataset.ts';

export const NON_OXIDES = 'data/non-oxides/sites.jsonl';

/** Computed spectra of metals, sulphides and so on, of the elements that a model knows; each with a pre-edge. */
export function readNonOxides(references: readonly ElementReference[], file = NON_OXIDES): readonly Site[] {
  const known = new Set(references.map(({ element }) => element));
  return readSites(file)
    .filter(({ element }) => known.has(element))
    .map(withPreEdge);
}

/** Metals of several structure types, whole and strained: no network but that of means over sites is taught them. */
export const METALS = 'data/metals/sites.jsonl';

/** Computed spectra of metals, of the elements that a model knows: sites whose oxidation state is 0. */
export const readMetals = (references: readonly ElementReference[]): readonly Site[] =>
  readNonOxides(references, METALS).map((site) => ({ ...site, labels: { ...site.labels, OS: 0 } }));

const PRE_EDGE_EV = 15;
const STEP_EV = 0.5;
/** What is fitted of the spectrum's beginning. */
const FOOT_EV = 1;

/**
 * FEFF's spectra begin a few eV below the Fermi level, a metal's too late for the range that preparation requires. What
 * lies below is the tail of the first states under the lifetime broadening, a Lorentzian's integral: mu falls as 1 /
 * (centre - E), with the centre (eV) from the first point and the first that is an eV or more above it.
 * @throws RangeError where mu does not rise from its first point: then it is no such tail
 */
export function withPreEdge(site: Site): Site {
  const { id, energyEv, mu } = site;
  const foot = energyEv.findIndex((energy) => energy >= energyEv[0]! + FOOT_EV);
  const [first, rise] = [energyEv[0]!, mu[foot]! / mu[0]!];
  if (!(mu[0]! > 0 && rise > 1 && Number.isFinite(rise)))
    throw new RangeError(
      `Expected mu of ${id} to rise from a first point above 0, got ${mu[0]} and ${mu[foot]}`,
    );
  const centre = (rise * energyEv[foot]! - first) / (rise - 1);
  const below = Float64Array.from(
    { length: PRE_EDGE_EV / STEP_EV },
    (_, i) => first - PRE_EDGE_EV + i * STEP_EV,
  );
  const tail = below.map((energy) => (mu[0]! * (centre - first)) / (centre - energy));
  return { ...site, energyEv: Float64Array.of(...below, ...energyEv), mu: Float64Array.of(...tail, ...mu) };
}
