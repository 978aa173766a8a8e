import { allFinite } from '../common/all-finite.ts';
import type { Scan } from '../messages/scan.ts';

const CHANNELS = ['mu', 'i0', 'it', 'if', 'muReference', 'iReference'] as const;

/** Steps back in all, as a share of the scan's span: encoders jitter and regions overlap by less. */
const MAX_BACK = 0.1;
/** Points that lie closer than this share of the median step are one point measured twice. */
const SAME_POINT = 0.05;

/**
 * A scan whose points are in order, and what was done for it: one that ran downwards is turned around, small steps back
 * are sorted, and points of one energy become their mean. Null where the order is that already, and where it is no
 * order at all: the check of the energies says so then.
 */
export function orderPoints(scan: Scan): { readonly scan: Scan; readonly note: string } | null {
  const { energyEv } = scan;
  const points = energyEv.length;
  let back = 0;
  let forth = 0;
  let stuck = 0;
  for (let i = 1; i < points; i += 1) {
    const stepEv = energyEv[i]! - energyEv[i - 1]!;
    if (stepEv > 0) forth += stepEv;
    else if (stepEv < 0) back -= stepEv;
    else stuck += 1;
  }
  if (!(back > 0 || stuck > 0) || !allFinite(energyEv)) return null;
  if (CHANNELS.some((name) => scan[name] !== null && scan[name]!.length !== points)) return null;
  if (forth === 0 && stuck === 0) {
    const turned = picked(
      scan,
      energyEv.map((_, i) => points - 1 - i),
      null,
    );
    return { scan: turned, note: 'the scan ran downwards and was turned around' };
  }
  const upwards = forth >= back;
  if (Math.min(forth, back) > MAX_BACK * Math.max(forth, back)) return null;
  const order = Array.from(energyEv, (_, i) => (upwards ? i : points - 1 - i)).sort(
    (a, b) => energyEv[a]! - energyEv[b]!,
  );
  const steps = order.slice(1).map((at, i) => energyEv[at]! - energyEv[order[i]!]!);
  const sameEv = SAME_POINT * (steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0);
  const starts = order.flatMap((_, i) => (i === 0 || steps[i - 1]! > sameEv ? [i] : []));
  const merged = points - starts.length;
  return {
    scan: picked(scan, order, starts),
    note:
      `the energies stepped back ${(upwards ? back : forth).toPrecision(2)} eV in all: sorted` +
      (merged > 0 ? `, and ${merged} points of equal energies merged by their mean` : ''),
  };
}

/** The points in another order; with `starts`, the mean of each run that begins there. */
function picked(scan: Scan, order: ArrayLike<number>, starts: readonly number[] | null): Scan {
  const runs = starts ?? Array.from(order, (_, i) => i);
  const over = (values: Float64Array, total: (from: number, to: number) => number) =>
    Float64Array.from(runs, (from, k) => total(from, runs[k + 1] ?? values.length));
  const mean = (values: Float64Array) =>
    over(values, (from, to) => {
      let sum = 0;
      for (let i = from; i < to; i += 1) sum += values[order[i]!]!;
      return sum / (to - from);
    });
  const uncertainty = (values: Float64Array) =>
    over(values, (from, to) => {
      let sum = 0;
      for (let i = from; i < to; i += 1) sum += values[order[i]!]! ** 2;
      return Math.sqrt(sum) / (to - from);
    });
  const channels = Object.fromEntries(
    CHANNELS.map((name) => [name, scan[name] === null ? null : mean(scan[name])]),
  );
  const { muSigma } = scan;
  return {
    ...scan,
    ...channels,
    energyEv: mean(scan.energyEv),
    muSigma: muSigma === null || muSigma.length !== scan.energyEv.length ? muSigma : uncertainty(muSigma),
  };
}
