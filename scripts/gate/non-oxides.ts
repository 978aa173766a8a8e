import type { ElementReference } from '../../src/messages/prepared.ts';
import { readSites, type Site } from '../../src/model/dataset.ts';

export const NON_OXIDES = 'data/non-oxides/sites.jsonl';

/** Computed spectra of metals, sulphides and so on, of the elements that a model knows. */
export function readNonOxides(references: readonly ElementReference[], file = NON_OXIDES): readonly Site[] {
  const known = new Set(references.map(({ element }) => element));
  return readSites(file).filter(({ element }) => known.has(element));
}
