import { type ExitStatus, endedRun, type Run, startedRun } from '../messages/run.ts';
import type { BlueskyMapping, TextSource } from './mapping.ts';
import { type RunState, textAt } from './run-state.ts';

const EXIT_STATUSES: ReadonlyMap<string, ExitStatus> = new Map([
  ['success', 'SUCCESS'],
  ['abort', 'ABORT'],
]);
const MOST_REASON = 1000;

/**
 * That a run has started; null where several Bluesky runs share it: which of them is the first is not known, and its
 * first scan says the same.
 */
export const startOf = (run: RunState, mapping: BlueskyMapping): Run | null =>
  isOwn(mapping) ? started(run, mapping) : null;

/**
 * That a run has ended, by the stop of this Bluesky run; null where it goes on with others, or the stop has not come:
 * a RunEngine that is lost does not end its run.
 * @param scans that were published of this Bluesky run
 */
export function endOf(run: RunState, mapping: BlueskyMapping, scans: number): Run | null {
  const { stop } = run;
  if (stop === null || run.start === null || !(isOwn(mapping) || isLast(run, mapping))) return null;
  const ended = endedRun(started(run, mapping), {
    endedAt: Math.round(stop.timeMs),
    exitStatus: EXIT_STATUSES.get(stop.exitStatus) ?? 'FAIL',
    reason: stop.reason.slice(0, MOST_REASON),
    scans: isOwn(mapping) ? scans : null,
  });
  return isOwn(mapping) ? ended : { ...ended, startedAt: null };
}

const started = (run: RunState, mapping: BlueskyMapping): Run =>
  startedRun(
    {
      runId: textOf(run, mapping.run) ?? run.uid,
      beamline: mapping.beamline,
      origin: mapping.origin,
      startedAt: Math.round(run.start!.timeMs),
    },
    { 'bluesky.run': run.uid },
  );

/** Whether a run of the scans is one Bluesky run. */
const isOwn = ({ run: { places, value } }: BlueskyMapping): boolean =>
  value === null && places.length === 1 && places[0] === 'start.uid';

const isLast = (run: RunState, { last }: BlueskyMapping): boolean =>
  last !== undefined &&
  Object.entries(last).every(([place, texts]) => texts.includes(textAt(run, [place], []) ?? ''));

const textOf = (run: RunState, { places, value }: TextSource): string | null =>
  value ?? textAt(run, places, []);
