import { type Freshness, freshness, usualInterval } from './freshness.ts';
import type { Run, Store } from './store.ts';

/** The run that was picked, else that of the chosen sample, so that the header does not flip between two runs. */
export function currentRun({ state }: Store): Run | undefined {
  const { runId, sampleId } = state.choice;
  if (runId !== null) return state.runs.get(runId);
  const row = (sampleId === null ? undefined : state.samples.get(sampleId)?.latest) ?? state.newest;
  return row ? state.runs.get(row.runId) : undefined;
}

/**
 * Whether scans of the run come as they should, by its own rhythm, and since when not; `sinceMs` null before the first
 * scan. A run that stopped has ended where its beamline goes on with another.
 */
export function streamState(store: Store, nowMs: number): { fresh: Freshness; sinceMs: number | null } {
  const { state } = store;
  const run = currentRun(store);
  const rhythm = run && state.rhythms.get(run.runId);
  if (!run || !rhythm) return { fresh: 'none', sinceMs: null };
  const fresh = freshness(nowMs - rhythm.freshMs, usualInterval(rhythm.timesMs));
  const goesOn = [...state.runs.values()].some(
    ({ beamline, lastAt }) => beamline === run.beamline && lastAt > run.lastAt,
  );
  return { fresh: fresh === 'stale' && goesOn ? 'ended' : fresh, sinceMs: rhythm.freshMs };
}
