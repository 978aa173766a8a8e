/** The cross-validation that every model of docs/tables/comparison.md goes through. */
export const CROSS_VALIDATION = { folds: 5, seed: 1 } as const;

/**
 * Fold of a material in cross-validation: every model that asks with the same seed is judged on the same materials, and
 * no material is in two folds. FNV-1a of seed and name, with murmur3's final mixing (FNV's low bits alone are uneven).
 * @returns 0 to folds - 1
 */
export function foldOf(material: string, seed: number, folds: number): number {
  if (!Number.isInteger(folds) || folds < 2)
    throw new RangeError(`Expected folds to be an integer >= 2, got ${folds}`);
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${seed}/${material}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % folds;
}
