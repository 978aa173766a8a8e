import { describe, expect, test } from '@jest/globals';
import {
  accumulationsOf,
  chosenRows,
  createStore,
  measuredNow,
} from '../../../dashboard/client/src/state/store.ts';
import { currentRun, streamState } from '../../../dashboard/client/src/state/stream.ts';
import type { LogEntry, RunRow } from '../../../dashboard/protocol/events.ts';
import {
  accumulationRow,
  deadLetterRow,
  requestRow,
  scanRow,
} from '../../../src/producers/redis-projection-row.ts';
import {
  type FixtureOptions,
  fixtureAccumulation,
  fixtureDeadLetter,
  fixtureEvent,
  fixtureRequest,
} from '../fixture-events.ts';

const START = Date.UTC(2026, 10, 26, 12);

function scan(sequence: number, atMs: number, options: FixtureOptions = {}): LogEntry {
  const row = scanRow(fixtureEvent(sequence, { endedAt: atMs, ...options }), atMs);
  return { kind: 'scan', id: `${atMs}-${sequence}`, row };
}

function live(...entries: readonly LogEntry[]) {
  const store = createStore(() => START);
  store.load({
    samples: [],
    runs: [],
    deadLetters: [],
    deadLetterCount: 0,
    changes: [],
    annotations: [],
    requests: [],
    acknowledgements: [],
    accumulations: [],
    cursor: { generation: 'g', id: '0-0' },
  });
  store.add(entries, true);
  return store;
}

test('a chosen scan stays the chosen one while older scans are thinned, and when all is loaded anew', () => {
  const store = live(scan(0, START));
  const { sampleId } = store.state.choice;
  store.beginHistory(sampleId!);
  for (let i = 1; i <= 100; i += 1) store.add([scan(i, START + 10 * i)], true);
  const chosen = chosenRows(store.state)[37]!;
  store.choose({ scanId: chosen.scanId });
  for (let i = 101; i <= 6000; i += 1) store.add([scan(i, START + 10 * i)], true);
  expect(chosenRows(store.state).length).toBeLessThan(2100);
  expect(chosenRows(store.state)).toContain(chosen);
  expect(store.state.chosenRow).toBe(chosen);
  const again = store.beginHistory(sampleId!);
  store.addHistory(again, [chosenRows(live(scan(9000, START + 90_000)).state)[0]!], true);
  expect(chosenRows(store.state).map(({ scanId }) => scanId)).toContain(chosen.scanId);
});

test('following goes on to a new sample and a new run; whoever chooses stays', () => {
  const store = live(scan(0, START, { sampleId: 'a', runId: 'one' }));
  store.add([scan(1, START + 1000, { sampleId: 'b', runId: 'one' })], true);
  expect(store.state.choice).toMatchObject({ sampleId: 'b', following: true });
  // Not between samples that are measured in turn.
  store.add([scan(2, START + 2000, { sampleId: 'a', runId: 'one' })], true);
  expect(store.state.choice.sampleId).toBe('b');
  store.add([scan(3, START + 3000, { sampleId: 'a', runId: 'two' })], true);
  expect(store.state.choice.sampleId).toBe('a');
  store.choose({ sampleId: 'b', scanId: null });
  store.add([scan(4, START + 4000, { sampleId: 'c', runId: 'three' })], true);
  expect(store.state.choice).toMatchObject({ sampleId: 'b', following: false });
  store.choose({ windowMs: 60_000 });
  store.follow();
  expect(store.state.choice).toMatchObject({ sampleId: 'c', following: true, scanId: null });
});

test('a preview is none of the scans, and goes when the whole comes or becomes a dead letter', () => {
  const store = live();
  const preview = (points: number, sequence = 0) => ({
    ...{ scanId: `${sequence}/first-${points}`, partialOf: `${sequence}`, sampleId: 'a' },
  });
  store.add([scan(0, START, preview(40))], true);
  expect(store.state.choice.sampleId).toBe('a');
  expect([chosenRows(store.state), measuredNow(store.state)?.scanId]).toEqual([[], '0/first-40']);
  store.beginHistory('a');
  store.add([scan(0, START + 1, preview(50))], true);
  expect([chosenRows(store.state), measuredNow(store.state)?.scanId]).toEqual([[], '0/first-50']);
  expect([store.state.arrivals, store.state.runs.size]).toEqual([[], 0]);

  store.add([scan(0, START + 2, { scanId: '0', sampleId: 'a' })], true);
  expect(chosenRows(store.state).map(({ scanId }) => scanId)).toEqual(['0']);
  expect(measuredNow(store.state)).toBeNull();
  expect(store.state.samples.get('a')).toMatchObject({ latest: { scanId: '0' }, counts: { scans: 1 } });

  const dead = (sampleId: string, scanId: string): LogEntry => ({
    ...{ kind: 'dead-letter', id: `${START}-9` },
    row: deadLetterRow(fixtureDeadLetter(1, { sampleId, scanId }), START),
  });
  store.add([scan(1, START + 3, preview(40, 1)), dead('a', '1')], true);
  expect(measuredNow(store.state)).toBeNull();
  // A sample of which nothing else is known goes with it.
  store.add([scan(2, START + 4, { ...preview(40, 2), sampleId: 'b' })], true);
  expect([...store.state.samples.keys()]).toEqual(['a', 'b']);
  store.add([dead('b', '2')], true);
  expect([...store.state.samples.keys()]).toEqual(['a']);
});

test('two runs at once: the header stays with the run of the chosen sample', () => {
  const store = live(
    scan(0, START, { sampleId: 'a', runId: 'one' }),
    scan(1, START + 1, { sampleId: 'b', runId: 'two' }),
  );
  store.choose({ sampleId: 'a' });
  for (let i = 2; i < 20; i += 1) {
    store.add(
      [scan(i, START + 100 * i, i % 2 ? { sampleId: 'b', runId: 'two' } : { sampleId: 'a', runId: 'one' })],
      true,
    );
    expect(currentRun(store)?.runId).toBe('one');
    expect(streamState(store, START + 100 * i).fresh).toBe('live');
  }
});

describe('an end that the beamline has told', () => {
  const minute = 60_000;
  const beats = [0, 1, 2, 3, 4].map((i) => scan(i, START + i * 1000, { runId: 'one' }));
  const said = (more: Partial<RunRow> = {}): LogEntry => ({
    id: 'said',
    kind: 'run',
    row: { runId: 'one', state: 'ENDED', endedAt: START + 4000, exitStatus: 'SUCCESS', reason: '', ...more },
  });

  test('silences the alarm, also where it comes before the last scans', () => {
    const store = live(...beats);
    expect(streamState(store, START + minute)).toMatchObject({ fresh: 'stale', end: null });
    store.add([said()], true);
    expect(streamState(store, START + minute)).toMatchObject({
      fresh: 'ended',
      end: { endedAt: START + 4000 },
    });
    const early = live();
    early.add([said(), ...beats], true);
    expect(streamState(early, START + minute).fresh).toBe('ended');
  });

  test('counts no more when the run goes on', () => {
    const store = live(...beats, said());
    store.add([said({ state: 'STARTED', endedAt: null, exitStatus: null })], true);
    expect(streamState(store, START + minute).fresh).toBe('stale');
    store.add([said(), scan(5, START + 5000, { runId: 'one' })], true);
    expect(streamState(store, START + minute)).toMatchObject({ fresh: 'stale', end: null });
  });

  test('ends what repeats still need; how they ended stays', () => {
    const store = live(...beats);
    const repeats = (edge: string, atMs: number, status: 'GROWING' | 'ACCEPTED'): LogEntry => {
      const of = fixtureEvent(0, { runId: 'one' });
      const told = fixtureAccumulation(of, { edge, at: atMs, status });
      return { kind: 'accumulation', id: `${edge} ${atMs}`, row: accumulationRow(told, atMs) };
    };
    const shown = () => accumulationsOf(store.state).map(({ edge }) => edge);
    store.add([repeats('K', START + 4000, 'GROWING'), repeats('L3', START + 3000, 'ACCEPTED')], true);
    expect(shown()).toEqual(['K', 'L3']);
    store.add([said()], true);
    expect(shown()).toEqual(['L3']);
    store.add([repeats('K', START + 5000, 'GROWING')], true); // measured after that: it goes on
    expect(shown()).toEqual(['L3', 'K']);
    store.add([said({ endedAt: null })], true);
    expect(shown()).toEqual(['L3']);
    store.add([said({ state: 'STARTED', endedAt: null, exitStatus: null })], true);
    expect(shown()).toEqual(['L3', 'K']);
  });
});

test('of too many requests those that were asked last are kept, whenever they come', () => {
  const request = (number: number): LogEntry => {
    const asked = fixtureRequest(fixtureEvent(0), { requestId: `${number}`, askedAt: START + number });
    return { kind: 'request', id: `${number}`, row: requestRow(asked, START) };
  };
  const numbers = Array.from({ length: 600 }, (_, i) => i);
  const held = (order: readonly number[]) => {
    const { requests } = live(...order.map(request)).state;
    return Math.min(...requests.map(({ askedAt }) => askedAt - START));
  };
  expect(held(numbers)).toBeGreaterThanOrEqual(100);
  expect(held([...numbers.slice(300), ...numbers.slice(0, 300)])).toBeGreaterThanOrEqual(100);
});

test("an alarm goes by the run's own rhythm, and none comes after the first two scans", () => {
  const minute = 60_000;
  const store = live(scan(0, START), scan(1, START + minute));
  expect(streamState(store, START + 4 * minute).fresh).toBe('live');
  // A new sample in a run of one scan a minute.
  store.add([scan(2, START + 2 * minute), scan(3, START + 3 * minute, { sampleId: 'new' })], true);
  expect(streamState(store, START + 5 * minute).fresh).toBe('live');
  expect(streamState(store, START + 9 * minute).fresh).toBe('stale');
});
