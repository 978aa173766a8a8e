/** The cross-validation that every model of docs/tables/comparison.md goes through. */
const CROSS_VALIDATION = { folds: 5, seed: 1 } as const;

/** What stays on one side of a split: a family, or a material where there is none. */
type Grouped = { readonly group: string };

/** One turn of the cross-validation. */
export type Fold = {
  readonly fold: number;
  /** Those that are held out in this turn. */
  held<T extends Grouped>(items: readonly T[]): T[];
  /** All the others, in their order. */
  others<T extends Grouped>(items: readonly T[]): T[];
};

export const FOLDS: readonly Fold[] = Array.from({ length: CROSS_VALIDATION.folds }, (_, fold) => ({
  fold,
  held: (items) => items.filter((item) => foldOfSite(item) === fold),
  others: (items) => items.filter((item) => foldOfSite(item) !== fold),
}));

/** As options name them. */
export const FOLD_NAMES: readonly string[] = FOLDS.map(({ fold }) => String(fold));

export function foldOfSite({ group }: Grouped): number {
  return foldOf(group, CROSS_VALIDATION.seed, CROSS_VALIDATION.folds);
}

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
