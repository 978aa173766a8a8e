import type { RunRow } from '../../../protocol/events.ts';
import { type Freshness, freshness, usualInterval } from './freshness.ts';
import type { Rhythm, Run, Store } from './store.ts';

/** The run that was picked, else that of the chosen sample, so that the header does not flip between two runs. */
export function currentRun({ state }: Store): Run | undefined {
  const { runId, sampleId } = state.choice;
  if (runId !== null) return state.runs.get(runId);
  const row = (sampleId === null ? undefined : state.samples.get(sampleId)?.latest) ?? state.newest;
  return row ? state.runs.get(row.runId) : undefined;
}

/** `end`: how and when the run ended, where its beamline has said so. */
export type StreamState = {
  readonly fresh: Freshness;
  readonly sinceMs: number | null;
  readonly end: RunRow | null;
};

/**
 * Whether scans of the run come as they should, by its own rhythm, and since when not; `sinceMs` null before the first
 * scan. A run has ended where its beamline says so, or is silent about this one and goes on with another.
 */
export function streamState(store: Store, nowMs: number): StreamState {
  const { state } = store;
  const run = currentRun(store);
  const rhythm = run && state.rhythms.get(run.runId);
  if (!run || !rhythm) return { fresh: 'none', sinceMs: null, end: null };
  const end = endOf(run, rhythm);
  if (end !== null) return { fresh: 'ended', sinceMs: rhythm.freshMs, end };
  const fresh = freshness(nowMs - rhythm.freshMs, usualInterval(rhythm.timesMs));
  const goesOn = [...state.runs.values()].some(
    ({ beamline, lastAt }) => beamline === run.beamline && lastAt > run.lastAt,
  );
  return { fresh: fresh === 'stale' && goesOn ? 'ended' : fresh, sinceMs: rhythm.freshMs, end: null };
}

/** Null also where a scan was measured after the end that was told: the run goes on. */
function endOf({ said }: Run, { timesMs }: Rhythm): RunRow | null {
  if (said?.state !== 'ENDED') return null;
  return said.endedAt !== null && (timesMs.at(-1) ?? 0) > said.endedAt ? null : said;
}
