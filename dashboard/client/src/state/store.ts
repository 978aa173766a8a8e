import { accumulationKey } from '../../../../src/messages/projection.ts';
import { headline } from '../../../../src/messages/scan-reading.ts';
import type {
  AccumulationRow,
  AcknowledgementRow,
  AnnotationRow,
  ChangePointRow,
  Counts,
  DeadLetterRow,
  LogEntry,
  PageVisitor,
  RequestRow,
  RunRow,
  RunSummary,
  SampleSummary,
  ScanRow,
  Snapshot,
  Status,
  TrailPoint,
} from '../../../protocol/events.ts';
import { type Attention, attention } from './attention.ts';
import { type Choice, MOST_PINS, NOTHING_CHOSEN } from './choice.ts';
import { type History, insertRow } from './history.ts';
import { axisTime, freshTime } from './row-times.ts';

const TRAIL_POINTS = 40;
const HISTORIES_HELD = 4;
/** Dead letters, changes, annotations and requests, of each. */
const ROWS_HELD = 500;
const SAMPLES_HELD = 1_000;
const ARRIVALS_HELD = 2_000;
const RHYTHM_SCANS = 20;
const UNSEEN_RUNS_HELD = 100;

export type Sample = {
  readonly sampleId: string;
  /** The newest whole scan; a preview where none is whole yet. */
  latest: ScanRow;
  /** The preview of a scan that is still being measured. */
  measured: ScanRow | null;
  readonly trail: TrailPoint[];
  counts: Counts;
  attention: Attention;
  /** When its last scan counts from, for its age. */
  freshMs: number;
};

export type Run = RunSummary;

/** When scans of a run came. */
export type Rhythm = {
  /** Of its last scans, ms since 1970. */
  readonly timesMs: readonly number[];
  /** From when the age of the newest counts. */
  readonly freshMs: number;
};

export type Link = 'connecting' | 'catching up' | 'live' | 'lost';

/** Everything the page knows. Views read it and draw; only `connection.ts` and the reader's own choices change it. */
export type State = {
  readonly samples: Map<string, Sample>;
  readonly runs: Map<string, Run>;
  readonly rhythms: Map<string, Rhythm>; // of the runs
  readonly deadLetters: DeadLetterRow[]; // oldest first
  deadLetterCount: number;
  readonly changes: ChangePointRow[]; // oldest first
  readonly annotations: AnnotationRow[];
  readonly requests: RequestRow[];
  /** What was last said to a request, by its id; it may come before the request, which another topic holds. */
  readonly acknowledgements: Map<string, AcknowledgementRow>;
  /** How far repeats are, of each sample and edge the last, by accumulationKey. */
  readonly accumulations: Map<string, AccumulationRow>;
  readonly histories: Map<string, History>;
  /** Arrivals of live scans on this page's clock, for the rate. */
  readonly arrivals: number[];
  newest: ScanRow | null;
  link: Link;
  linkSince: number;
  status: Status | null;
  viewers: number;
  /** Who is logged in; null: nobody has to be. */
  visitor: PageVisitor | null;
  /** What is said on this page is taken. */
  mayWrite: boolean;
  /** The session has ended: only a new log-in helps. */
  mustLogIn: boolean;
  /** The server's last reason for not answering this page, and when it came, on this page's clock; null: none yet. */
  refusal: { readonly reason: string; readonly at: number } | null;
  loaded: boolean;
  choice: Choice;
  /** The chosen scan, which stays whatever is thinned or loaded anew; null: none is. */
  chosenRow: ScanRow | null;
};

export type Store = ReturnType<typeof createStore>;

/** @param choice what is looked at first, such as what the page's address says */
export function createStore(nowMs: () => number, choice: Choice = NOTHING_CHOSEN) {
  const state: State = {
    samples: new Map(),
    runs: new Map(),
    rhythms: new Map(),
    deadLetters: [],
    deadLetterCount: 0,
    changes: [],
    annotations: [],
    requests: [],
    acknowledgements: new Map(),
    accumulations: new Map(),
    histories: new Map(),
    arrivals: [],
    newest: null,
    link: 'connecting',
    linkSince: nowMs(),
    status: null,
    viewers: 0,
    visitor: null,
    mayWrite: false,
    mustLogIn: false,
    refusal: null,
    loaded: false,
    choice,
    chosenRow: null,
  };
  const unseenRuns = new Map<string, RunRow>(); // what was said of runs without a scan so far
  const listeners: (() => void)[] = [];
  const changed = () => {
    for (const listener of listeners) listener();
  };

  function load(snapshot: Snapshot): void {
    state.samples.clear();
    state.runs.clear();
    state.rhythms.clear();
    state.histories.clear();
    state.newest = null;
    for (const summary of [...snapshot.samples].reverse())
      state.samples.set(summary.sampleId, sampleOf(summary));
    for (const run of [...snapshot.runs].reverse()) state.runs.set(run.runId, { ...run });
    for (const { latest, trail } of state.samples.values()) {
      if (isPreview(latest)) continue;
      consider(latest);
      for (const [atMs] of trail.slice(0, -1)) beat(latest.runId, atMs, 0);
      beat(latest.runId, axisTime(latest), freshTime(latest));
    }
    state.deadLetters.splice(0, state.deadLetters.length, ...snapshot.deadLetters);
    state.deadLetterCount = snapshot.deadLetterCount;
    state.changes.splice(0, state.changes.length, ...snapshot.changes);
    state.annotations.splice(0, state.annotations.length, ...snapshot.annotations);
    state.requests.splice(0, state.requests.length, ...snapshot.requests);
    state.acknowledgements.clear();
    state.accumulations.clear();
    for (const row of snapshot.acknowledgements) state.acknowledgements.set(row.requestId, row);
    for (const row of snapshot.accumulations) state.accumulations.set(accumulationKey(row), row);
    state.loaded = true;
    const { choice } = state;
    if (choice.sampleId === null || !state.samples.has(choice.sampleId)) {
      const newest = state.newest as ScanRow | null; // set by consider(), which the compiler does not see
      state.choice = { ...choice, sampleId: newest?.sampleId ?? null, scanId: null };
    }
    changed();
  }

  function add(entries: readonly LogEntry[], live: boolean): void {
    for (const entry of entries) {
      if (entry.kind === 'scan' && isPreview(entry.row)) addPreview(entry.row);
      else if (entry.kind === 'scan') addScan(entry.row, live);
      else if (entry.kind === 'run') addRunState(entry.row);
      else if (entry.kind === 'dead-letter') addDeadLetter(entry.row);
      else if (entry.kind === 'change') keep(state.changes, entry.row);
      else if (entry.kind === 'annotation') keep(state.annotations, entry.row);
      else if (entry.kind === 'request') keep(state.requests, entry.row, ({ askedAt }) => askedAt);
      else if (entry.kind === 'acknowledgement')
        keepLast(state.acknowledgements, entry.row.requestId, entry.row, ROWS_HELD);
      else if (entry.kind === 'accumulation')
        keepLast(state.accumulations, accumulationKey(entry.row), entry.row, SAMPLES_HELD);
    }
    if (entries.length > 0) changed();
  }

  function addScan(row: ScanRow, live: boolean): void {
    const first = headline(row);
    const point: TrailPoint = [axisTime(row), first?.value ?? null, first?.verdict ?? 'REJECT'];
    const known = state.samples.get(row.sampleId);
    const isNew = known === undefined || !state.runs.has(row.runId);
    const sample = known ?? newSample(row);
    sample.latest = row;
    if (sample.measured?.partialOf === row.scanId) sample.measured = null;
    sample.freshMs = freshTime(row);
    sample.trail.push(point);
    if (sample.trail.length > TRAIL_POINTS) sample.trail.shift();
    sample.attention = attention(sample.trail);
    sample.counts = counted(sample.counts, first?.verdict, first?.reason ?? 'none');
    const history = state.histories.get(row.sampleId);
    if (history) insertRow(history, row, state.chosenRow);
    countInRun(row);
    beat(row.runId, axisTime(row), freshTime(row));
    consider(row);
    if (live) {
      state.arrivals.push(nowMs());
      if (state.arrivals.length > ARRIVALS_HELD) state.arrivals.splice(0, ARRIVALS_HELD / 2);
    }
    showNew(row.sampleId, isNew);
  }

  /** Stands beside the scans of its sample, and is none of them, until the whole takes its place. */
  function addPreview(row: ScanRow): void {
    const known = state.samples.get(row.sampleId);
    const sample = known ?? newSample(row);
    sample.measured = row;
    if (isPreview(sample.latest)) {
      sample.latest = row;
      sample.freshMs = freshTime(row);
    }
    showNew(row.sampleId, known === undefined);
  }

  function newSample(row: ScanRow): Sample {
    const { sampleId } = row;
    const sample = sampleOf({ sampleId, latest: row, measured: null, trail: [], counts: NOTHING });
    state.samples.set(sampleId, sample);
    if (state.samples.size > SAMPLES_HELD) state.samples.delete(oldestSample());
    return sample;
  }

  function showNew(sampleId: string, isNew: boolean): void {
    const { choice } = state;
    if (choice.sampleId === null || (choice.following && isNew)) state.choice = { ...choice, sampleId };
  }

  function addDeadLetter(deadLetter: DeadLetterRow): void {
    keep(state.deadLetters, deadLetter);
    state.deadLetterCount += 1;
    const sample = deadLetter.sampleId === null ? undefined : state.samples.get(deadLetter.sampleId);
    if (sample) sample.counts = { ...sample.counts, deadLetters: sample.counts.deadLetters + 1 };
    if (sample && sample.measured?.partialOf === deadLetter.scanId) {
      sample.measured = null;
      if (isPreview(sample.latest)) state.samples.delete(sample.sampleId); // nothing else is known of it
    }
    const run = deadLetter.runId === null ? undefined : state.runs.get(deadLetter.runId);
    if (run) state.runs.set(run.runId, { ...run, deadLetters: run.deadLetters + 1 });
  }

  /** It may come before the first scan of the run, which another topic holds. */
  function addRunState(said: RunRow): void {
    const run = state.runs.get(said.runId);
    if (run) state.runs.set(run.runId, { ...run, said });
    else keepLast(unseenRuns, said.runId, said, UNSEEN_RUNS_HELD);
  }

  function countInRun(row: ScanRow): void {
    const { runId, beamline, origin, model, modelHash, sampleId } = row;
    const before = state.runs.get(runId) ?? { ...NO_RUN, runId, said: unseenRuns.get(runId) ?? null };
    unseenRuns.delete(runId);
    const count = (verdict: string) => row.descriptors.filter((d) => d.verdict === verdict).length;
    state.runs.set(runId, {
      ...before,
      beamline,
      origin,
      model,
      modelHash,
      scans: before.scans + 1,
      accepted: before.accepted + count('ACCEPT'),
      flagged: before.flagged + count('FLAG'),
      rejected: before.rejected + count('REJECT'),
      lastAt: row.projectedAt,
      samples: before.samples.includes(sampleId) ? before.samples : [...before.samples, sampleId],
    });
  }

  function beat(runId: string, atMs: number, freshMs: number): void {
    const { timesMs = [], freshMs: before = 0 } = state.rhythms.get(runId) ?? {};
    const times = [...timesMs, atMs].sort((a, b) => a - b).slice(-RHYTHM_SCANS);
    state.rhythms.set(runId, { timesMs: times, freshMs: Math.max(before, freshMs) });
  }

  /** Newest by when the projection wrote it: the clocks of beamlines may differ, the log's order does not. */
  function consider(row: ScanRow): void {
    if (state.newest === null || row.projectedAt >= state.newest.projectedAt) state.newest = row;
  }

  /** A link may name a scan whose row comes later. */
  function findChosen(): void {
    const { scanId } = state.choice;
    if (scanId === null) state.chosenRow = null;
    else if (state.chosenRow?.scanId !== scanId)
      state.chosenRow = chosenRows(state).find((row) => row.scanId === scanId) ?? null;
  }

  function oldestSample(): string {
    let oldest: Sample | undefined;
    for (const sample of state.samples.values()) {
      if (!oldest || sample.latest.projectedAt < oldest.latest.projectedAt) oldest = sample;
    }
    return oldest!.sampleId;
  }

  return {
    state,
    load,
    add,
    listen(listener: () => void): void {
      listeners.push(listener);
    },
    set<K extends 'link' | 'status' | 'viewers' | 'visitor' | 'mayWrite' | 'mustLogIn'>(
      key: K,
      value: State[K],
    ): void {
      if (key === 'link' && state.link !== value) state.linkSince = nowMs();
      state[key] = value;
      changed();
    },
    refused(reason: string): void {
      state.refusal = { reason, at: nowMs() };
      changed();
    },
    /** Another sample, axis or window is seen whole: a zoom belongs to what it was drawn on. */
    choose(change: Partial<Omit<Choice, 'following'>>): void {
      const { choice } = state;
      const differs = (name: keyof typeof change) => name in change && change[name] !== choice[name];
      const stays = (['runId', 'sampleId', 'scanId', 'zoom'] as const).some((name) => name in change);
      const zoom = (['sampleId', 'axis', 'windowMs'] as const).some(differs) ? null : choice.zoom;
      state.choice = { ...choice, zoom, ...change, following: choice.following && !stays };
      findChosen();
      changed();
    },
    /** Looks at what an address says. */
    look(choice: Choice): void {
      const sampleId = choice.sampleId ?? state.choice.sampleId;
      state.choice = { ...choice, sampleId };
      findChosen();
      changed();
    },
    /** Keeps a scan for comparison, or no longer; of too many the one that was pinned first goes. */
    pin(scanId: string): void {
      const { choice } = state;
      const others = choice.pins.filter((id) => id !== scanId);
      const isNew = others.length === choice.pins.length;
      state.choice = { ...choice, pins: isNew ? [...others, scanId].slice(-MOST_PINS) : others };
      changed();
    },
    /** Takes back one thing that was chosen: a zoom, a dead letter, a scan. False: there was none. */
    escape(): boolean {
      const { choice } = state;
      const { zoom, energyZoom, deadLetterId, scanId } = choice;
      if (zoom !== null || energyZoom !== null) state.choice = { ...choice, zoom: null, energyZoom: null };
      else if (deadLetterId !== null) state.choice = { ...choice, deadLetterId: null };
      else if (scanId !== null) state.choice = { ...choice, scanId: null };
      else return false;
      findChosen();
      changed();
      return true;
    },
    /** The newest scan of the newest sample from now on, and new samples and runs when they come. */
    follow(): void {
      const { choice, newest } = state;
      const newer = newest !== null && !choice.following && choice.scanId === null;
      const sampleId = newer ? newest.sampleId : choice.sampleId;
      state.choice = { ...choice, runId: null, sampleId, scanId: null, zoom: null, following: true };
      state.chosenRow = null;
      changed();
    },
    /** Begins a history for the sample, or drops the one it has; histories of samples not looked at for long go. */
    beginHistory(sampleId: string): History {
      const history: History = { rows: [], scanIds: new Set(), state: 'loading' };
      state.histories.delete(sampleId);
      state.histories.set(sampleId, history);
      for (const other of state.histories.keys()) {
        if (state.histories.size <= HISTORIES_HELD) break;
        if (other !== state.choice.sampleId) state.histories.delete(other);
      }
      if (state.chosenRow?.sampleId === sampleId) insertRow(history, state.chosenRow, null);
      return history;
    },
    addHistory(history: History, rows: readonly ScanRow[], end: boolean): void {
      for (const row of rows) insertRow(history, row, state.chosenRow);
      if (end) history.state = 'complete';
      findChosen();
      changed();
    },
  };
}

/** Rows of the chosen sample that the page holds, oldest first; of the picked run alone where one is picked. */
export function chosenRows({ choice, histories, samples }: State): readonly ScanRow[] {
  const { sampleId, runId } = choice;
  if (sampleId === null) return [];
  const held = histories.get(sampleId)?.rows ?? [];
  const latest = samples.get(sampleId)?.latest;
  const rows = held.length === 0 && latest && !isPreview(latest) ? [latest] : held;
  return runId === null ? rows : rows.filter((row) => row.runId === runId);
}

/** The preview of a scan of the chosen sample that is still being measured; null: none is, or a scan is chosen. */
export function measuredNow({ choice, samples }: State): ScanRow | null {
  const { sampleId, runId, scanId } = choice;
  const row = sampleId === null || scanId !== null ? null : (samples.get(sampleId)?.measured ?? null);
  return row === null || (runId !== null && row.runId !== runId) ? null : row;
}

/**
 * How far repeats of the chosen sample are averaged, each edge by itself; of the picked run where one is picked. None
 * that stopped growing with its run: no more scans come.
 */
export const accumulationsOf = ({ choice, accumulations, runs }: State): readonly AccumulationRow[] =>
  [...accumulations.values()].filter(
    (row) =>
      row.sampleId === choice.sampleId &&
      (choice.runId === null || row.runId === choice.runId) &&
      !(row.status === 'GROWING' && hasEnded(runs.get(row.runId), row.at)),
  );

/** The beamline has said so. Not where something was measured at `atMs`, after the end that was told: it goes on. */
const hasEnded = (run: Run | undefined, atMs: number): boolean =>
  run?.said?.state === 'ENDED' && atMs <= (run.said.endedAt ?? atMs);

export const isPreview = ({ partialOf }: ScanRow): boolean => partialOf !== undefined;

/** Of too many the first go, by `atMs` where they do not come in their order. */
function keep<Row>(rows: Row[], row: Row, atMs?: (row: Row) => number): void {
  rows.push(row);
  if (rows.length <= ROWS_HELD) return;
  if (atMs) rows.sort((a, b) => atMs(a) - atMs(b));
  rows.splice(0, ROWS_HELD / 5);
}

/** Of each key the last row; of too many the one that changed least lately goes. */
function keepLast<Row>(rows: Map<string, Row>, key: string, row: Row, most: number): void {
  rows.delete(key);
  rows.set(key, row);
  if (rows.size > most) rows.delete(rows.keys().next().value!);
}

export const NOTHING: Counts = {
  scans: 0,
  accepted: 0,
  flagged: 0,
  rejected: 0,
  rejectedFor: {},
  deadLetters: 0,
};

const NO_RUN = {
  beamline: '',
  origin: 'LIVE',
  model: '',
  modelHash: '',
  engine: '',
  scans: 0,
  deadLetters: 0,
  accepted: 0,
  flagged: 0,
  rejected: 0,
  lastAt: 0,
  samples: [],
  said: null,
} as const;

const sampleOf = (summary: SampleSummary): Sample => ({
  sampleId: summary.sampleId,
  latest: summary.latest,
  measured: summary.measured,
  trail: [...summary.trail],
  counts: summary.counts,
  attention: attention(summary.trail),
  freshMs: freshTime(summary.latest),
});

export function counted(counts: Counts, verdict: string | undefined, reason: string): Counts {
  const next = { ...counts, scans: counts.scans + 1 };
  if (verdict === 'ACCEPT') return { ...next, accepted: counts.accepted + 1 };
  if (verdict === 'FLAG') return { ...next, flagged: counts.flagged + 1 };
  const before = Object.hasOwn(counts.rejectedFor, reason) ? counts.rejectedFor[reason]! : 0;
  const rejectedFor = { ...counts.rejectedFor, [reason]: before + 1 };
  return { ...next, rejected: counts.rejected + 1, rejectedFor };
}
