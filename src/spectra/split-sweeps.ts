import { allFinite } from '../common/all-finite.ts';
import { edgeEv } from '../messages/edge-energies.ts';
import { type Reject, reject } from '../messages/reject.ts';
import { CHANNEL_NAMES, NOTE_KEY, SCAN_BOUNDS, type Scan, SWEEP_ELEMENTS_KEY } from '../messages/scan.ts';
import { cropToEdge } from './crop-to-edge.ts';

/** Energies that go back by more than this share of their span have turned; encoders jitter by less. */
const TURN = 0.1;
const MIN_POINTS = SCAN_BOUNDS.leastPoints;
export const MOST_SWEEPS = 1_000;
const MOST_ELEMENTS = 16;

/**
 * The spectra of one record: sweeps up and down one after the other, such as a monochromator that swings makes, are
 * told apart by where the energies turn, which belongs to both sides. Each is taken once for each of the elements
 * that `sweep.elements` names, cropped to its own edge. Ids get the number of the sweep from 1 and the element behind a
 * slash; times are shared out by points. A scan that is one spectrum comes back as it is.
 */
export function splitSweeps(scan: Scan): readonly Scan[] | Reject {
  const elements = elementsOf(scan);
  if (elements.length > MOST_ELEMENTS)
    return reject(
      'field-too-long',
      `Expected ${SWEEP_ELEMENTS_KEY} to name at most ${MOST_ELEMENTS}, got ${elements.length}`,
    );
  const sweeps = sweepsOf(scan);
  if (sweeps.length > MOST_SWEEPS)
    return reject(
      'too-many-points',
      `Expected at most ${MOST_SWEEPS} sweeps in a record, got ${sweeps.length}`,
    );
  return sweeps.flatMap((sweep) =>
    elements.length < 2 ? [sweep] : elements.map((each) => ofElement(sweep, each, elements)),
  );
}

function elementsOf({ metadata }: Scan): readonly string[] {
  const named = metadata[SWEEP_ELEMENTS_KEY]?.split(',').map((each) => each.trim()) ?? [];
  return [...new Set(named.filter((each) => each !== ''))];
}

function ofElement(sweep: Scan, element: string, elements: readonly string[]): Scan {
  let part: Scan = { ...sweep, element, scanId: `${sweep.scanId}/${element}` };
  const ownEv = edgeEv(element, sweep.edge);
  for (const other of elements) {
    const otherEv = edgeEv(other, sweep.edge);
    if (ownEv === undefined || otherEv === undefined) continue;
    const cropped = cropToEdge(part, ownEv, otherEv);
    if (cropped !== null) part = noted(cropped.scan, cropped.note);
  }
  return part;
}

function sweepsOf(scan: Scan): readonly Scan[] {
  const { energyEv, startedAtMs, endedAtMs } = scan;
  const points = energyEv.length;
  if (!allFinite(energyEv)) return [scan];
  if (CHANNEL_NAMES.some((name) => scan[name] !== null && scan[name].length !== points)) return [scan];
  const turns = [0, ...turningPoints(energyEv), points - 1];
  if (turns.length === 2) return [scan];
  const pieces = turns.slice(1).map((to, i) => [turns[i]!, to + 1] as const);
  const whole = pieces.filter(([from, to]) => to - from >= MIN_POINTS);
  if (whole.length === 0 || !coverTheSame(energyEv, whole)) return [scan];
  // A piece shares its ends with its neighbours; a flight back is made of ends alone.
  const lost = pieces.reduce((sum, [from, to]) => sum + (to - from >= MIN_POINTS ? 0 : to - from - 2), 0);
  const timeAt = (point: number) => Math.round(startedAtMs + ((endedAtMs - startedAtMs) * point) / points);
  return whole.map(([from, to], i) => {
    const part: Scan = {
      ...scan,
      ...Object.fromEntries(CHANNEL_NAMES.map((name) => [name, scan[name]?.slice(from, to) ?? null])),
      energyEv: energyEv.slice(from, to),
      scanId: whole.length === 1 ? scan.scanId : `${scan.scanId}/${i + 1}`,
      sequence: Math.min(scan.sequence + i, SCAN_BOUNDS.largestSequence),
      startedAtMs: timeAt(from),
      endedAtMs: timeAt(to),
    };
    const left = lost > 0 ? `; ${lost} points between sweeps are left out` : '';
    return noted(part, `sweep ${i + 1} of ${whole.length} in one record${left}`);
  });
}

/**
 * Whether pieces are sweeps over one range, the first or last of them perhaps cut off: half of each, or more, lies
 * where the longest is. Ends do not count: what one wrong energy divides are the two halves of one sweep.
 */
function coverTheSame(energyEv: Float64Array, pieces: readonly (readonly [number, number])[]): boolean {
  const ranges = pieces.map(([from, to]) => {
    const inner = energyEv.subarray(from + 1, to - 1);
    return { low: inner.reduce((a, b) => Math.min(a, b)), high: inner.reduce((a, b) => Math.max(a, b)) };
  });
  const longest = ranges.reduce((a, b) => (b.high - b.low > a.high - a.low ? b : a));
  return ranges.every(({ low, high }) => {
    const common = Math.min(high, longest.high) - Math.max(low, longest.low);
    return common >= 0.5 * (high - low);
  });
}

/** Where energies turn by more than their jitter, in order. */
function turningPoints(energyEv: Float64Array): readonly number[] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let rises = true;
  for (let i = 0; i < energyEv.length; i += 1) {
    const energy = energyEv[i]!;
    rises &&= energy >= most;
    if (energy < least) least = energy;
    if (energy > most) most = energy;
  }
  if (rises) return []; // as nearly all scans do
  const back = TURN * (most - least);
  if (!(back > 0)) return [];
  const turns: number[] = [];
  let direction: -1 | 0 | 1 = 0;
  let lowest = 0;
  let highest = 0;
  for (let i = 1; i < energyEv.length; i += 1) {
    const energy = energyEv[i]!;
    if (energy > energyEv[highest]!) highest = i;
    if (energy < energyEv[lowest]!) lowest = i;
    if (direction <= 0 && energy - energyEv[lowest]! > back) {
      if (direction < 0) turns.push(lowest);
      direction = 1;
      highest = i;
    } else if (direction >= 0 && energyEv[highest]! - energy > back) {
      if (direction > 0) turns.push(highest);
      direction = -1;
      lowest = i;
    }
  }
  return turns;
}

function noted(scan: Scan, note: string): Scan {
  const before = scan.metadata[NOTE_KEY];
  const notes = before === undefined ? note : `${before}; ${note}`;
  return { ...scan, metadata: { ...scan.metadata, [NOTE_KEY]: notes } };
}
