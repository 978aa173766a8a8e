import type { MadeScan } from '../messages/made-scan.ts';
import type { SourceRecord } from '../messages/record.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import type { Run } from '../messages/run.ts';
import type { Scan } from '../messages/scan.ts';
import type { BlueskyDocument, BlueskyEvent } from './decode-document.ts';
import { endedRuns } from './ended-runs.ts';
import { lettersOf } from './letters-of.ts';
import type { BlueskyMapping } from './mapping.ts';
import { type LeastRange, previewDue } from './previews.ts';
import { endOf, startOf } from './run-messages.ts';
import { isSpectrum, scanOfEvent, scanOfPoints } from './run-scan.ts';
import {
  dataKeysOf,
  MOST_POINTS,
  mappedKeys,
  newRun,
  pointOf,
  type RunState,
  textAt,
  widen,
} from './run-state.ts';
import { type Held, type UnplacedEvent, unplacedEvents } from './unplaced-events.ts';

export type RunAssembler = {
  /** Takes a document in, in whatever order documents come; what it settles. */
  add(document: BlueskyDocument, record: SourceRecord, nowMs: number): readonly MadeScan[];
  /**
   * Whether more is open or awaited than should be, as when one partition was read long before another: what others may
   * complete should be read first. What is beyond twice as much is given up.
   */
  isCrowded(): boolean;
  /** Whether something has waited too long. */
  isOverdue(nowMs: number): boolean;
  /** Settles what has waited too long. Asked only when nothing is left to be read. */
  overdue(nowMs: number): readonly MadeScan[];
  /** What must be read again of a partition to come back to this state; null: nothing. */
  held(partition: number): Held | null;
  /** When all is read that had been read before: forgets what belongs to runs that had ended. To be called once. */
  keepOnly(held: ReadonlyMap<number, Held>): void;
  counts(): { readonly openRuns: number; readonly unplaced: number; readonly late: number };
};

/** More open runs than any beamline has; the oldest is given up. */
const MOST_OPEN_RUNS = 200;

/**
 * Puts Bluesky documents together to scans: by uid and seq_num, never by arrival (librdkafka sends what it queued
 * before it knew the topic at another moment). Which documents there are decides alone, not their order, so that
 * reading them again after a restart comes to the same state.
 * @param options.ended runs that are known to have ended, as `held` said of a state before
 * @param options.leastRange what a preview must cover; without it there are none
 */
export function runAssembler(
  mapping: BlueskyMapping,
  {
    ended = [],
    leastRange,
  }: { readonly ended?: readonly string[]; readonly leastRange?: LeastRange | undefined } = {},
): RunAssembler {
  const runs = new Map<string, RunState>();
  const runOfDescriptor = new Map<string, string>();
  const unplaced = unplacedEvents();
  const over = endedRuns(ended);
  const wanted = mappedKeys(mapping);
  let late = 0;
  /** Not while it is read again: what there is too much of then was given up before, or will find its place. */
  let givesUp = false;

  const dead = (record: SourceRecord, because: Reject): MadeScan => ({
    kind: 'dead-letter',
    record,
    scan: null,
    reject: because,
  });

  function settled(record: SourceRecord, make: () => Scan | Reject): MadeScan[] {
    try {
      const made = make();
      return [isReject(made) ? dead(record, made) : { kind: 'scan', record, scan: made }];
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      return [
        dead(record, reject('stage-failed', `Expected to make a scan of this run, got the error: ${what}`)),
      ];
    }
  }

  function runOf(uid: string, record: SourceRecord, nowMs: number): RunState | null {
    if (over.has(uid)) {
      late += 1;
      over.widen(uid, record);
      return null;
    }
    const known = runs.get(uid);
    const run = known ?? newRun(uid, record, nowMs);
    if (known === undefined) runs.set(uid, run);
    widen(run.extent, record);
    run.lastMs = nowMs;
    return run;
  }

  function add(document: BlueskyDocument, record: SourceRecord, nowMs: number): MadeScan[] {
    return [...take(document, record, nowMs), ...giveUpTooMany()];
  }

  function take(document: BlueskyDocument, record: SourceRecord, nowMs: number): MadeScan[] {
    if (document.kind === 'other') return [];
    if (document.kind === 'events') return addEvents(document.descriptor, document.events, record, nowMs);
    const run = runOf(document.run, record, nowMs);
    if (document.kind === 'descriptor') return addDescriptor(document, run, record, nowMs);
    if (run === null) return [];
    if (document.kind === 'start') {
      run.start ??= { timeMs: document.timeMs, fields: document.fields };
      if (run.stop === null) run.record = record;
      if (!isWanted(run)) {
        finish(run);
        return [];
      }
    } else {
      run.stop ??= document;
      run.record = record;
    }
    return advance(run, record);
  }

  function addDescriptor(
    document: Extract<BlueskyDocument, { kind: 'descriptor' }>,
    run: RunState | null,
    record: SourceRecord,
    nowMs: number,
  ): MadeScan[] {
    const waiting = unplaced.take(document.uid);
    if (run === null) {
      over.addDescriptor(document.run, document.uid);
      return [];
    }
    run.descriptors.set(document.uid, document);
    runOfDescriptor.set(document.uid, run.uid);
    const made = waiting.flatMap((each) => addEvents(document.uid, each.events, each.record, nowMs));
    return [...made, ...advance(run, record)];
  }

  function addEvents(
    descriptorUid: string,
    events: readonly BlueskyEvent[],
    record: SourceRecord,
    nowMs: number,
  ): MadeScan[] {
    const uid = runOfDescriptor.get(descriptorUid) ?? over.runOfDescriptor(descriptorUid);
    if (uid === undefined) {
      unplaced.put(descriptorUid, events, record, nowMs);
      return [];
    }
    const run = runOf(uid, record, nowMs);
    if (run === null) return [];
    const { stream } = run.descriptors.get(descriptorUid)!;
    for (const event of events) {
      if (stream === mapping.stream) addPoint(run, event);
      else if (stream === 'baseline') run.baseline = pointOf(event, null);
    }
    return advance(run, record);
  }

  function addPoint(run: RunState, event: BlueskyEvent): void {
    for (const key of event.elsewhere) if (wanted.has(key)) run.elsewhere.add(key);
    // A run that was paused measures from its last checkpoint again, with the same numbers: the later one counts.
    const known = run.points.get(event.sequence);
    if (run.published.has(event.sequence) || (known !== undefined && known.timeMs >= event.timeMs)) return;
    if (known === undefined && run.points.size >= MOST_POINTS) {
      run.tooManyPoints = true;
      return;
    }
    const point = pointOf(event, wanted);
    run.points.set(event.sequence, point);
    run.fresh.push(point);
  }

  /** Publishes whole spectra as they come, and the run when nothing of it is missing any more. */
  function advance(run: RunState, record: SourceRecord): MadeScan[] {
    if (run.start === null || over.has(run.uid)) return [];
    const made = begin(run, record);
    for (const point of run.fresh.splice(0)) {
      if (run.published.has(point.sequence) || !isSpectrum(point, mapping)) continue;
      made.push(...settled(record, () => scanOfEvent(run, mapping, point)));
      run.published.add(point.sequence);
      run.points.set(point.sequence, { ...point, values: {} });
    }
    if (run.stop === null) {
      const preview = leastRange && previewDue(run, mapping, leastRange);
      return preview ? [...made, { kind: 'scan', record, scan: preview }] : made;
    }
    const counted = run.stop.events?.[mapping.stream];
    const isWhole = run.stop.events !== null && run.points.size >= (counted ?? 0);
    return isWhole ? [...made, ...finish(run)] : made;
  }

  /** Says that a run has started, once it is known that it is one of ours. */
  function begin(run: RunState, record: SourceRecord): MadeScan[] {
    if (run.hasStarted || !isOfEnergies(run)) return [];
    run.hasStarted = true;
    return said(record, startOf(run, mapping));
  }

  const said = (record: SourceRecord, run: Run | null): MadeScan[] =>
    run === null ? [] : [{ kind: 'run', record, run }];

  /** Ends a run with what there is of it. */
  function finish(run: RunState, because: string | null = null): MadeScan[] {
    runs.delete(run.uid);
    over.add(run);
    for (const uid of run.descriptors.keys()) runOfDescriptor.delete(uid);
    const made = remainder(run, because);
    if (!run.hasStarted) return made;
    const scans = run.published.size + made.filter(({ kind }) => kind === 'scan').length;
    return [...made, ...said(run.record, endOf(run, mapping, scans))];
  }

  /** What becomes of that part of a run that is no scan yet. */
  function remainder(run: RunState, because: string | null): MadeScan[] {
    if (run.start === null || !isWanted(run)) return [];
    const missing = missingOf(run);
    if (![...run.descriptors.values()].some(({ stream }) => stream === mapping.stream))
      return missing === null
        ? []
        : [dead(run.record, missingDocuments(run, ['its descriptor has not come', missing]))];
    if (!isOfEnergies(run)) return [];
    if (run.published.size > 0) {
      const notes = [because, missing].filter((note) => note !== null);
      return missing === null ? [] : [dead(run.record, missingDocuments(run, notes))];
    }
    if (run.points.size === 0) {
      if (missing === null && because === null) return [];
      const notes = [because, missing ?? 'no event has come'].filter((note) => note !== null);
      return [dead(run.record, missingDocuments(run, notes))];
    }
    const exit = run.stop === null || run.stop.exitStatus === 'success' ? null : exitNote(run);
    const notes = [because, missing, exit].filter((note) => note !== null);
    return settled(run.record, () => scanOfPoints(run, mapping, notes));
  }

  /** Asked when the start has come; the mapping names places of the start alone. */
  const isWanted = (run: RunState): boolean =>
    Object.entries(mapping.only).every(([place, texts]) => texts.includes(textAt(run, [place], []) ?? ''));

  const isOfEnergies = (run: RunState): boolean => {
    const keys = dataKeysOf(run, mapping.stream);
    return mapping.energy.some((key) => keys.has(key));
  };

  function missingOf(run: RunState): string | null {
    const counted = run.stop?.events?.[mapping.stream] ?? 0;
    const missing = counted - run.points.size;
    return missing > 0 ? `${missing} of the ${counted} events that the stop counts have not come` : null;
  }

  const lateMs = 1000 * mapping.lateSeconds;
  const stopMs = 1000 * mapping.stopSeconds;

  /** What is still missing of a run that has its stop is waited for no longer; without a stop anything may come. */
  function waitedTooLong({ start, stop, lastMs }: RunState, nowMs: number): boolean {
    const patienceMs = stop !== null ? lateMs : start === null ? Math.max(lateMs, stopMs) : stopMs;
    return nowMs - lastMs >= patienceMs;
  }

  const deadEvents = (events: readonly UnplacedEvent[]): MadeScan[] =>
    events.map((each) => dead(each.record, noDescriptor(each.descriptor)));

  function overdue(nowMs: number): MadeScan[] {
    const made = deadEvents(unplaced.before(nowMs - lateMs));
    for (const run of [...runs.values()]) {
      if (!waitedTooLong(run, nowMs)) continue;
      const because = run.stop === null ? `no stop document has come within ${mapping.stopSeconds} s` : null;
      made.push(...giveUp(run, because));
    }
    return made;
  }

  function giveUp(run: RunState, because: string | null): MadeScan[] {
    if (run.start !== null) return finish(run, because);
    finish(run);
    return [dead(run.record, missingDocuments(run, ['its start document has not come']))];
  }

  /** What is remembered of ended runs while an older one is open has its bounds, and so has the memory. */
  function giveUpTooMany(): MadeScan[] {
    if (!givesUp) return [];
    const made = deadEvents(unplaced.takeTooMany());
    for (;;) {
      const isFull = over.isFull(oldestOf);
      if (runs.size <= MOST_OPEN_RUNS && !isFull) return made;
      const events = isFull ? unplaced.takeOldest() : [];
      made.push(...deadEvents(events));
      if (events.length > 0) continue;
      const [oldest] = runs.values();
      if (oldest === undefined) return made;
      const what = isFull ? 'too many runs have ended meanwhile' : `${MOST_OPEN_RUNS} runs are open at once`;
      made.push(...giveUp(oldest, `given up before its stop, since ${what}`));
    }
  }

  function oldestOf(partition: number): bigint | null {
    let oldest = unplaced.oldestOf(partition);
    for (const { extent } of runs.values()) {
      const first = extent.get(partition)?.oldest;
      if (first !== undefined && (oldest === null || first < oldest)) oldest = first;
    }
    return oldest;
  }

  return {
    add,
    isCrowded: () => runs.size >= MOST_OPEN_RUNS / 2 || unplaced.isCrowded() || over.isCrowded(oldestOf),
    isOverdue: (nowMs) =>
      unplaced.hasBefore(nowMs - lateMs) || [...runs.values()].some((run) => waitedTooLong(run, nowMs)),
    overdue,
    held(partition) {
      const oldest = oldestOf(partition);
      if (runs.size === 0 && unplaced.count() === 0) over.forgetWithin();
      const ended = over.within(oldestOf);
      if (oldest === null && ended.length === 0) return null;
      const headless = [...runs.values()].filter((run) => run.start === null);
      const runsWithoutStart = headless.map(({ uid }) => lettersOf(uid));
      return { oldest, ended, awaited: unplaced.awaitedIn(partition), runsWithoutStart };
    },
    keepOnly(held) {
      const kept = new Set([...held.values()].flatMap(({ runsWithoutStart }) => runsWithoutStart));
      for (const run of [...runs.values()]) {
        if (run.start !== null || kept.has(lettersOf(run.uid))) continue;
        runs.delete(run.uid);
        for (const uid of run.descriptors.keys()) runOfDescriptor.delete(uid);
      }
      unplaced.keepOnly(held);
      givesUp = true;
    },
    counts: () => ({ openRuns: runs.size, unplaced: unplaced.count(), late }),
  };
}

const noDescriptor = (uid: string): Reject =>
  reject('missing-documents', `Expected the descriptor ${uid} of this event, which has not come`);

const missingDocuments = (run: RunState, notes: readonly string[]): Reject =>
  reject('missing-documents', `Run ${run.uid}: Expected all its documents, but ${notes.join(', and ')}`);

const exitNote = ({ stop }: RunState): string =>
  `the run ended with ${stop!.exitStatus}${stop!.reason === '' ? '' : `: ${stop!.reason.slice(0, 200)}`}`;
