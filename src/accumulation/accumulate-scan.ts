import type { AccumulationState } from '../messages/accumulation.ts';
import type { Observation } from '../messages/change-point.ts';
import type { SpectrumAxis } from '../messages/sample-watch.ts';
import { MEMBERS_KEY, NO_CHANNELS, type Scan } from '../messages/scan.ts';
import { addRepeat, meanOf, type Repeat, sumsOf } from './repeat-sums.ts';

/** A scan that may join: as it was measured, and what was read of it. */
export type Joining = {
  readonly scan: Scan;
  readonly repeat: Repeat;
  /** Standard deviation of one point of its absorption. */
  readonly sigma: number;
  readonly repeatsNeeded: number | null;
  readonly observation: Observation;
};

export function startAccumulation(joining: Joining, axis: SpectrumAxis | null): AccumulationState {
  const { scan, repeat, sigma, repeatsNeeded, observation } = joining;
  const { runId, sampleId, beamline, element, edge, mode, origin, metadata } = scan;
  return {
    ...{ runId, sampleId, beamline, element, edge, mode, origin, metadata, repeatsNeeded, axis },
    ...{ startedAtMs: scan.startedAtMs, endedAtMs: scan.endedAtMs, sequence: scan.sequence },
    ...{ sums: sumsOf(repeat, 1 / sigma ** 2), mean: null, members: [observation] },
  };
}

/**
 * With one more repeat, and their mean as a scan.
 * @returns null where it is no repeat of the others: other points, another mode
 */
export function joinAccumulation(
  state: AccumulationState,
  { scan, repeat, sigma, observation }: Joining,
): { readonly state: AccumulationState; readonly mean: Scan } | null {
  const sums = scan.mode === state.mode ? addRepeat(state.sums, repeat, 1 / sigma ** 2) : null;
  if (sums === null) return null;
  const members = [...state.members, observation];
  const scanId = `${members[0]!.scanId}/mean-of-${members.length}`;
  const alike = Object.entries(state.metadata).filter(([name, value]) => scan.metadata[name] === value);
  const joined: AccumulationState = {
    ...{ ...state, sums, members, mean: scanId, metadata: Object.fromEntries(alike) },
    ...{ endedAtMs: scan.endedAtMs, sequence: scan.sequence },
    repeatsNeeded: state.repeatsNeeded === null ? null : Math.max(1, state.repeatsNeeded - 1),
  };
  return { state: joined, mean: meanScan(scanId, joined) };
}

function meanScan(scanId: string, state: AccumulationState): Scan {
  const { sums, members, metadata, runId, sampleId, beamline, element, edge, origin } = state;
  const { startedAtMs, endedAtMs, sequence } = state;
  const ids = JSON.stringify(members.map((member) => member.scanId));
  return {
    ...{ scanId, runId, sampleId, beamline, element, edge, mode: 'MU', ...NO_CHANNELS, ...meanOf(sums) },
    ...{ startedAtMs, endedAtMs, sequence, origin, metadata: { ...metadata, [MEMBERS_KEY]: ids } },
  };
}
