import { isReject } from '../messages/reject.ts';
import { PARTIAL_OF_KEY, SCAN_BOUNDS, type Scan, SWEEP_ELEMENTS_KEY } from '../messages/scan.ts';
import type { BlueskyMapping } from './mapping.ts';
import { energyOfPoint, scanOfPoints } from './run-scan.ts';
import type { Point, RunState } from './run-state.ts';

/** Energies in eV that a scan must cover to be judged, by its names and metadata; null: nothing is known of it. */
export type LeastRange = (scan: Scan) => { readonly fromEv: number; readonly toEv: number } | null;

/** A preview follows the one before when so much more is measured. */
const GROWTH = 1.25;
/** Energies that go back by more than this share of their span have turned: processors would divide the scan there. */
const TURN = 0.1;

/**
 * The scan of what is measured so far of a run that goes on point by point, where one is due: the first when it reaches
 * the least range, then each time that it has grown by a quarter, as often as the mapping says. Which events have come
 * decides alone, so that a run that is read again comes to the same state; and a preview is never due again, since its
 * number of points is passed once.
 */
export function previewDue(run: RunState, mapping: BlueskyMapping, leastRange: LeastRange): Scan | null {
  const { progress } = run;
  let due = 0;
  while (progress.previews < mapping.previews) {
    const point = run.points.get(progress.points + 1);
    if (point === undefined) break;
    const energyEv = energyOfPoint(run, mapping, point);
    if (energyEv === null) {
      progress.previews = mapping.previews; // whole spectra, or a fault that the whole will name
      break;
    }
    progress.points += 1;
    progress.lowEv = Math.min(progress.lowEv, energyEv);
    progress.highEv = Math.max(progress.highEv, energyEv);
    if (!isDue(run, mapping, leastRange)) continue;
    progress.previews += 1;
    progress.nextAt = Math.ceil(GROWTH * progress.points);
    due = progress.points;
  }
  return due === 0 ? null : previewOf(run, mapping, due);
}

function isDue(run: RunState, mapping: BlueskyMapping, leastRange: LeastRange): boolean {
  const { progress } = run;
  if (progress.points < SCAN_BOUNDS.leastPoints) return false;
  if (progress.previews > 0) return progress.points >= progress.nextAt;
  progress.least ??= rangeOf(run, mapping, leastRange);
  return progress.lowEv <= progress.least.fromEv && progress.highEv >= progress.least.toEv;
}

/** What nothing is known of is out of reach. */
const OUT_OF_REACH = { fromEv: Number.NEGATIVE_INFINITY, toEv: Number.POSITIVE_INFINITY };

function rangeOf(run: RunState, mapping: BlueskyMapping, leastRange: LeastRange) {
  const scan = scanOfPoints(run, mapping, [], firstPoints(run, run.progress.points));
  if (isReject(scan) || SWEEP_ELEMENTS_KEY in scan.metadata) return OUT_OF_REACH;
  return leastRange(scan) ?? OUT_OF_REACH;
}

function previewOf(run: RunState, mapping: BlueskyMapping, points: number): Scan | null {
  const note = `still being measured: the first ${points} points`;
  const scan = scanOfPoints(run, mapping, [note], firstPoints(run, points));
  if (isReject(scan) || hasTurned(scan.energyEv)) return null; // the whole says why, or is divided
  const { scanId, metadata } = scan;
  return {
    ...scan,
    scanId: `${scanId}/first-${points}`,
    metadata: { ...metadata, [PARTIAL_OF_KEY]: scanId },
  };
}

const firstPoints = (run: RunState, count: number): readonly Point[] =>
  Array.from({ length: count }, (_, i) => run.points.get(i + 1)!);

/** Whether energies go back from as high, or from as low, as they have been. */
function hasTurned(energyEv: Float64Array): boolean {
  let [low, high] = [energyEv[0]!, energyEv[0]!];
  let [fall, rise] = [0, 0];
  for (const energy of energyEv) {
    low = Math.min(low, energy);
    high = Math.max(high, energy);
    fall = Math.max(fall, high - energy);
    rise = Math.max(rise, energy - low);
  }
  return Math.min(fall, rise) > TURN * (high - low);
}
