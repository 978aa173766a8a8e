import { EDGES } from '../messages/edge-energies.ts';
import type { Column } from './column.ts';

/** A region that names the line which it counts: `Fe_Ka_mca1`, `XMAP4:AsKa_Sum`, `As_Ka`. */
const OF_LINE = /(?:^|[:_])([a-z]{1,2})[_ ]?[kl][ab]?\d?(?=_|$)/;
const SYMBOLS: ReadonlySet<string> = new Set(EDGES.map(({ element }) => element.toLowerCase()));

/** Regions that are told by their numbers, a family a kind of name; one that is corrected for dead time comes first. */
const FAMILIES: readonly RegExp[] = [
  /^dtc_?\d+$/,
  /^ifch_?\d+$/,
  /^sca1(?:\.|ch)\d+$/,
  /^roi_?\d+$/,
  /^xmap_roi\d+$/,
  /^ff_?\d+$/,
  /^(?:sca|mca|xmap|vortex)_?\d+$/,
];

/**
 * Sum of the regions of several fluorescence detectors, each times its dead-time factor where there is one: those of
 * the absorber, else those of one family. Where the file has sums of its own, these.
 * @returns null where there are no regions
 */
export function sumOfRegions(
  columns: readonly Column[],
  element: string,
): { readonly values: Float64Array; readonly of: string } | null {
  const regions = regionsOf(columns, element.toLowerCase());
  if (regions.length === 0) return null;
  const values = new Float64Array(regions[0]!.values.length);
  for (const region of regions) {
    const factor = deadTimeFactor(columns, region.name);
    for (let i = 0; i < values.length; i += 1) values[i]! += region.values[i]! * factor(i);
  }
  return { values, of: regions.map(({ name }) => name).join(', ') };
}

function regionsOf(columns: readonly Column[], element: string): readonly Column[] {
  const elementOf = (name: string): string | null => {
    const symbol = OF_LINE.exec(name)?.[1];
    return symbol !== undefined && SYMBOLS.has(symbol) ? symbol : null;
  };
  const own = columns.filter(({ name }) => elementOf(name) === element);
  const sums = own.filter(({ name }) => /sum/.test(name));
  if (sums.length > 0) return sums;
  if (own.length > 0) return own;
  const family = FAMILIES.find((is) => columns.some(({ name }) => is.test(name)));
  return family === undefined ? [] : columns.filter(({ name }) => family.test(name));
}

/** By a column of factors, or the counts that came in over those that were counted. */
function deadTimeFactor(columns: readonly Column[], name: string): (i: number) => number {
  const find = (wanted: string) => columns.find((column) => column.name === wanted)?.values;
  const detector = /(mca\d+)$/.exec(name)?.[1];
  const factor = detector && find(`dtfactor_${detector}`);
  if (factor) return (i) => factor[i]!;
  const channel = /^ifch(_?\d+)$/.exec(name)?.[1];
  const [fast, slow] = [find(`iffast${channel}`), find(`ifslow${channel}`)];
  if (fast && slow) return (i) => (slow[i]! > 0 ? fast[i]! / slow[i]! : 1);
  return () => 1;
}
