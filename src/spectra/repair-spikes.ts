import { meanBetween } from './normalise.ts';
import { selectRank } from './select-rank.ts';

/** A spike stands out by this share of the spectrum's range, and by so many times what its surroundings vary. */
const MIN_SHARE = 0.2;
const MIN_IN_VARIATION = 12;
/** Within this of the metal's edge lines are sharp, and nothing is repaired. */
const SHARP_BELOW_EV = 25;
const SHARP_ABOVE_EV = 20;
/** Points of a spike. */
const WIDTHS = [1, 2, 3];
/** What stands on either side of a spike differs by less than this share of it. */
const MAX_STEP = 0.25;
/** More spikes than this are no accident. */
const MAX_SPIKES = 2;
/** Points on either side that say how much the spectrum varies there. */
const AROUND = 8;

/**
 * mu with one or two isolated spikes, each of at most three points, taken out by a straight line; and where they were,
 * eV.
 * Null where there is none, or more than that. A glitch of the monochromator must not become the edge.
 */
export function repairSpikes(
  energyEv: Float64Array,
  mu: Float64Array,
  edgeEv: number,
): { readonly mu: Float64Array; readonly atEv: readonly number[] } | null {
  const points = mu.length;
  if (variesByMoreThan(mu, largestStep(energyEv, mu, edgeEv) / MIN_SHARE)) return null;
  const least = MIN_SHARE * rangeOf(mu);
  const found: { from: number; width: number }[] = [];
  for (let i = 2; i < points - 4; i += 1) {
    if (isSharp(energyEv[i]! - edgeEv)) continue;
    // The cheap test first: nearly no point of a good scan passes it.
    if (Math.abs(mu[i]! - mu[i - 1]!) < least) continue;
    const width = WIDTHS.find((n) => isSpike(energyEv, mu, i, n, least));
    if (width === undefined) continue;
    if (found.length === MAX_SPIKES) return null;
    found.push({ from: i, width });
    i += width;
  }
  if (found.length === 0) return null;
  const repaired = mu.slice();
  for (const { from, width } of found) {
    for (let k = from; k < from + width; k += 1)
      repaired[k] = onLine(energyEv, mu, from - 1, from + width, k);
  }
  return { mu: repaired, atEv: found.map(({ from }) => energyEv[from]!) };
}

const isSharp = (offsetEv: number): boolean => offsetEv > -SHARP_BELOW_EV && offsetEv < SHARP_ABOVE_EV;

/** From one point to the next, where spikes are looked for. */
function largestStep(energyEv: Float64Array, mu: Float64Array, edgeEv: number): number {
  let largest = 0;
  for (let i = 2; i < mu.length - 4; i += 1) {
    const step = Math.abs(mu[i]! - mu[i - 1]!);
    if (step > largest && !isSharp(energyEv[i]! - edgeEv)) largest = step;
  }
  return largest;
}

/** What eight tenths of the points lie within. */
function rangeOf(mu: Float64Array): number {
  const values = mu.slice();
  const high = selectRank(values, rankOf(0.9, mu));
  return high - selectRank(values, rankOf(0.1, mu));
}

const rankOf = (share: number, { length }: Float64Array): number => Math.floor(share * (length - 1));

/**
 * Whether that range is surely larger than `width`: as many points as lie outside of it on either side lie below and
 * above a window of this width around their mean. It takes a fifth of the time, and says yes of nearly every good scan.
 */
function variesByMoreThan(mu: Float64Array, width: number): boolean {
  const low = meanBetween(mu, 0, mu.length) - 0.5 * width;
  let below = 0;
  let above = 0;
  for (let i = 0; i < mu.length; i += 1) {
    const value = mu[i]!;
    if (value < low) below += 1;
    else if (value > low + width) above += 1;
  }
  return below > rankOf(0.1, mu) && above >= mu.length - rankOf(0.9, mu);
}

/**
 * Whether points [from, from + width) stand out to one side from a line between their neighbours, and nothing else
 * does.
 */
function isSpike(
  energyEv: Float64Array,
  mu: Float64Array,
  from: number,
  width: number,
  least: number,
): boolean {
  const [before, after] = [from - 1, from + width];
  if (after >= mu.length) return false;
  let smallest = Number.POSITIVE_INFINITY;
  const side = Math.sign(mu[from]! - onLine(energyEv, mu, before, after, from));
  for (let k = from; k < after; k += 1) {
    smallest = Math.min(smallest, side * (mu[k]! - onLine(energyEv, mu, before, after, k)));
  }
  if (!(smallest > least && MAX_STEP * smallest > Math.abs(mu[after]! - mu[before]!))) return false;
  const variations: number[] = [];
  for (let k = Math.max(1, from - AROUND); k < Math.min(mu.length - 1, after + AROUND); k += 1) {
    if (k >= before - 1 && k <= after + 1) continue;
    variations.push(Math.abs(mu[k]! - onLine(energyEv, mu, k - 1, k + 1, k)));
  }
  variations.sort((a, b) => a - b);
  return smallest > MIN_IN_VARIATION * variations[Math.floor(0.75 * (variations.length - 1))]!;
}

/** At point k, the line through points a and b. */
function onLine(energyEv: Float64Array, mu: Float64Array, a: number, b: number, k: number): number {
  const share = (energyEv[k]! - energyEv[a]!) / (energyEv[b]! - energyEv[a]!);
  return mu[a]! + share * (mu[b]! - mu[a]!);
}
