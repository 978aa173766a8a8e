import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type RunAssembler, runAssembler } from '../../src/bluesky/assemble-runs.ts';
import { decodeDocument } from '../../src/bluesky/decode-document.ts';
import { heldPartition, readHeldPartition } from '../../src/bluesky/held-state.ts';
import { parseMapping } from '../../src/bluesky/mapping.ts';
import type { MadeScan } from '../../src/messages/made-scan.ts';
import { isReject } from '../../src/messages/reject.ts';
import { DESCRIPTOR, descriptor, event, pointAt, RUN, recordOf, runOf, start, stop } from './documents.ts';

const MAPPING = {
  beamline: 'BM',
  energy: 'energy',
  i0: 'i0',
  it: 'it',
  element: 'start.element',
  metadata: { potential: 'event.volt', temperature: 'baseline.T' },
  stopSeconds: 60,
  lateSeconds: 5,
};
const mappingOf = (changes: object = {}) => parseMapping({ ...MAPPING, ...changes }, 'mapping.json');

const NOT_ENDED = { endedAt: null, exitStatus: null, reason: '', scans: null };

/** An assembler to which nothing is known from before. */
function fresh(changes: object = {}): RunAssembler {
  const assembler = runAssembler(mappingOf(changes));
  assembler.keepOnly(new Map());
  return assembler;
}

function addAll(
  assembler: RunAssembler,
  documents: readonly unknown[],
  { nowMs = 0, offset = 0, partition = (_: number): number => 0 } = {},
): MadeScan[] {
  return documents.flatMap((document, i) => {
    const record = recordOf(document, offset + i, partition(i));
    const decoded = decodeDocument(record);
    if (isReject(decoded)) throw new Error(decoded.detail);
    return [...assembler.add(decoded, record, nowMs)];
  });
}

const scansOf = (made: readonly MadeScan[]) =>
  made.flatMap((each) => (each.kind === 'scan' ? [each.scan] : []));
const runsOf = (made: readonly MadeScan[]) => made.flatMap((each) => (each.kind === 'run' ? [each.run] : []));
const runIdsOf = (made: readonly MadeScan[], state: string) =>
  runsOf(made)
    .filter((run) => run.state === state)
    .map(({ runId }) => runId);
const rejectsOf = (made: readonly MadeScan[]) =>
  made.flatMap((each) => (each.kind === 'dead-letter' ? [each.reject] : []));

describe('a run point by point', () => {
  test('becomes one scan when its last document has come', () => {
    const assembler = fresh();
    const documents = runOf(30);
    expect(scansOf(addAll(assembler, documents.slice(0, -1)))).toEqual([]);
    const [scan, ...more] = scansOf(addAll(assembler, documents.slice(-1), { offset: 32 }));
    expect(more).toEqual([]);
    expect(scan).toMatchObject({
      scanId: RUN,
      runId: RUN,
      sampleId: 'rust',
      beamline: 'BM',
      element: 'Fe',
      edge: 'K',
      mode: 'TRANSMISSION',
      startedAtMs: 1_750_000_000_000,
      endedAtMs: 1_750_000_100_000,
      sequence: 7,
      origin: 'LIVE',
      metadata: {
        'bluesky.run': RUN,
        'bluesky.scan_id': '7',
        'bluesky.plan_name': 'list_scan',
        'bluesky.exit_status': 'success',
      },
    });
    expect([...scan!.energyEv]).toEqual(Array.from({ length: 30 }, (_, i) => pointAt(i).energy));
    expect([...scan!.i0!]).toEqual(Array.from({ length: 30 }, (_, i) => pointAt(i).i0));
    expect([...scan!.it!]).toEqual(Array.from({ length: 30 }, (_, i) => pointAt(i).it));
    expect(assembler.counts().openRuns).toBe(0);
  });

  test('is the same scan in whatever order its documents come, and comes once', () => {
    const documents = runOf(20);
    const expected = scansOf(addAll(fresh(), documents));
    fc.assert(
      fc.property(fc.shuffledSubarray(documents, { minLength: documents.length }), (shuffled) => {
        const assembler = fresh();
        const made = addAll(assembler, shuffled);
        expect(made.map(({ kind }) => kind)).toEqual(['run', 'scan', 'run']);
        expect(scansOf(made)).toEqual(expected);
        expect(assembler.overdue(1e9)).toEqual([]);
        expect(assembler.held(0)).toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  test('documents that come twice count once', () => {
    const documents = runOf(20);
    const made = addAll(fresh(), [...documents.slice(0, 10), ...documents.slice(3), ...documents]);
    expect(scansOf(made)).toHaveLength(1);
    expect(scansOf(made)[0]!.energyEv).toHaveLength(20);
  });

  test('points that were measured again after a pause count as measured last', () => {
    const again = event(4, { ...pointAt(4), i0: 77 }, DESCRIPTOR, { time: 1_750_000_050 });
    const documents = runOf(20);
    const [scan] = scansOf(addAll(fresh(), [...documents.slice(0, 8), again, ...documents.slice(8)]));
    expect(scan!.i0![4]).toBe(77);
  });

  test('runs may be open at once', () => {
    const other = '6f2a1c0e-0000-4000-8000-000000000002';
    const second = [
      start({ element: 'Co' }, other),
      descriptor(undefined, other, 'd2'),
      ...Array.from({ length: 20 }, (_, i) => event(i, undefined, 'd2')),
      stop(20, {}, other),
    ];
    const both = runOf(20).flatMap((document, i) => [document, second[i]!]);
    expect(scansOf(addAll(fresh(), both)).map(({ scanId, element }) => [scanId, element])).toEqual([
      [RUN, 'Fe'],
      [other, 'Co'],
    ]);
  });

  test('missing events: waited for, then said', () => {
    const assembler = fresh();
    const documents = runOf(20).filter((_, i) => i !== 7 && i !== 9);
    expect(scansOf(addAll(assembler, documents, { nowMs: 1000 }))).toEqual([]);
    expect(assembler.overdue(5999)).toEqual([]);
    const [scan] = scansOf(assembler.overdue(6000));
    expect(scan!.metadata.note).toBe('2 of the 20 events that the stop counts have not come');
    expect(scan!.energyEv).toHaveLength(18);
  });

  test('no event of those that the stop counts, as when they were too large: a dead letter', () => {
    const assembler = fresh();
    addAll(assembler, [start(), descriptor(), stop(20)]);
    expect(rejectsOf(assembler.overdue(5000))).toEqual([
      expect.objectContaining({
        reason: 'missing-documents',
        detail: expect.stringContaining('20 of the 20 events that the stop counts have not come'),
      }),
    ]);
  });

  test('a run whose descriptor has not come is a dead letter, whatever it would have been', () => {
    const assembler = fresh();
    addAll(assembler, [start(), stop(20)]);
    expect(rejectsOf(assembler.overdue(5000))[0]!.detail).toContain(
      'but its descriptor has not come, and 20 of',
    );
  });

  test('no stop: ended after a time, and said', () => {
    const assembler = fresh();
    addAll(assembler, runOf(20).slice(0, -1));
    expect(assembler.overdue(59_999)).toEqual([]);
    const [scan] = scansOf(assembler.overdue(60_000));
    expect(scan!.metadata.note).toBe('no stop document has come within 60 s');
    expect(addAll(assembler, [stop(20)], { offset: 50 })).toEqual([]); // it comes after all
    expect(assembler.counts()).toMatchObject({ openRuns: 0, late: 1 });
  });

  test('a run that was aborted says so', () => {
    const more = { exit_status: 'abort', reason: 'the beam went' };
    const [scan] = scansOf(addAll(fresh(), [...runOf(20).slice(0, -1), stop(20, more)]));
    expect(scan!.metadata.note).toBe('the run ended with abort: the beam went');
  });

  test('events without a descriptor, and descriptors without a start, become dead letters after a time', () => {
    const assembler = fresh();
    addAll(assembler, [event(0), event(1)]);
    expect(assembler.counts().unplaced).toBe(2);
    expect(rejectsOf(assembler.overdue(5000)).map(({ reason }) => reason)).toEqual([
      'missing-documents',
      'missing-documents',
    ]);
    addAll(assembler, [descriptor(), stop(0)], { offset: 10 });
    expect(rejectsOf(assembler.overdue(5000))[0]!.detail).toContain('its start document has not come');
  });

  test('runs of other plans are none of ours', () => {
    const assembler = fresh();
    const unrelated = [start(), descriptor({ T: {} }), event(0, { T: 300 }), stop(1)];
    expect(addAll(assembler, unrelated)).toEqual([]);
    expect(assembler.overdue(1e9)).toEqual([]);
    const only = fresh({ only: { 'start.plan_name': ['xafs'] } });
    expect(addAll(only, runOf(20))).toEqual([]);
    expect(only.counts().openRuns).toBe(0);
  });
});

describe('a run of whole spectra', () => {
  const N = 25;
  const energies = Array.from({ length: N }, (_, i) => 7.1 + i / 1000);
  const spectrum = (i: number) => ({
    energy: energies,
    i0: energies.map(() => 1000 + i),
    it: energies.map(() => 400),
  });
  const keys = {
    energy: { shape: [N], units: 'keV' },
    i0: { shape: [N] },
    it: { shape: [N] },
  };
  const spectra = [start(), descriptor(keys), ...[0, 1, 2].map((i) => event(i, spectrum(i))), stop(3)];

  test('gives a scan an event, at once', () => {
    const made = addAll(fresh(), spectra.slice(0, -1));
    const scans = scansOf(made);
    expect(scans.map(({ scanId, sequence }) => [scanId, sequence])).toEqual([
      [`${RUN}/1`, 0],
      [`${RUN}/2`, 1],
      [`${RUN}/3`, 2],
    ]);
    expect(scans[1]!.energyEv[0]).toBeCloseTo(7100, 9);
    expect(scans[1]!.i0![3]).toBe(1001);
    expect(scans[1]).toMatchObject({ startedAtMs: 1_750_000_002_000, endedAtMs: 1_750_000_003_000 });
  });

  test('the same scans in whatever order, each once', () => {
    const ids = scansOf(addAll(fresh(), spectra)).map(({ scanId }) => scanId);
    fc.assert(
      fc.property(fc.shuffledSubarray(spectra, { minLength: spectra.length }), (shuffled) => {
        const made = addAll(fresh(), shuffled);
        expect(
          scansOf(made)
            .map(({ scanId }) => scanId)
            .sort(),
        ).toEqual(ids);
      }),
    );
  });

  test('a spectrum that never comes is a dead letter', () => {
    const assembler = fresh();
    addAll(
      assembler,
      spectra.filter((_, i) => i !== 3),
    );
    expect(rejectsOf(assembler.overdue(5000))[0]).toMatchObject({
      reason: 'missing-documents',
      detail: expect.stringContaining('1 of the 3 events'),
    });
  });
});

describe('what a mapping finds', () => {
  test('several fluorescence channels, and the elements of a detector, are summed', () => {
    const keys = { energy: {}, i0: {}, a: {}, b: {} };
    const data = { energy: 7100, i0: 10, a: [1, 2, 3], b: 4 };
    const events = Array.from({ length: 20 }, (_, i) => event(i, { ...data, energy: 7100 + i }));
    const [scan] = scansOf(
      addAll(fresh({ it: undefined, if: ['a', 'b', 'absent'] }), [
        start(),
        descriptor(keys),
        ...events,
        stop(20),
      ]),
    );
    expect(scan).toMatchObject({ mode: 'FLUORESCENCE' });
    expect(scan!.if![5]).toBe(10);
  });

  test('texts of the start, of the events and of the baseline', () => {
    const keys = { energy: { units: 'eV' }, i0: {}, it: {}, volt: {} };
    const events = Array.from({ length: 20 }, (_, i) => event(i, { ...pointAt(i), volt: 3 + i / 10 }));
    const baseline = [descriptor({ T: {} }, RUN, 'base', 'baseline'), event(0, { T: 295.5 }, 'base')];
    const md = { element: 'fe', XDI: { Sample: { name: 'LFP' } } };
    const made = addAll(fresh({ sample: ['start.XDI.Sample.name'] }), [
      ...[start(md), descriptor(keys), ...baseline, ...events],
      stop(20, { num_events: { primary: 20, baseline: 1 } }),
    ]);
    expect(scansOf(made)[0]).toMatchObject({
      element: 'Fe',
      sampleId: 'LFP',
      metadata: { potential: '3.95', temperature: '295.5' },
    });
  });

  test.each([
    ['both', 'the run says its mode is both, for which it has no channels: it is read as transmission'],
    ['fluorescence', expect.stringContaining('says its mode is fluorescence, for which it has no channels')],
    ['Transmission', undefined],
    [undefined, undefined],
  ])('a mode of %s that the run has no channels for is said', (measured, note) => {
    const documents = [start({ element: 'Fe', measured }), ...runOf(20).slice(1)];
    const [scan] = scansOf(addAll(fresh({ mode: 'start.measured' }), documents));
    expect(scan).toMatchObject({ mode: 'TRANSMISSION' });
    expect(scan!.metadata.note).toEqual(note);
  });

  test('a mode that cannot be had stands behind what else is said of the run', () => {
    const documents = [start({ element: 'Fe', measured: 'mu' }), ...runOf(20).slice(1, -1)];
    const aborted = stop(20, { exit_status: 'abort' });
    const [scan] = scansOf(addAll(fresh({ mode: 'start.measured' }), [...documents, aborted]));
    expect(scan!.metadata.note).toMatch(/^the run ended with abort; the run says its mode is mu, /);
  });

  test.each([
    ['no absorber', [start({}), ...runOf(20).slice(1)], 'Expected the absorber at start.element, got none'],
    [
      'a channel that an event lacks',
      [...runOf(20).slice(0, -2), event(19, { energy: 1, i0: 2 }), stop(20)],
      'Expected it of event 20 to be a number, got none',
    ],
    [
      'a unit that is none',
      [start(), descriptor({ energy: { units: 'deg' }, i0: {}, it: {} }), ...runOf(20).slice(2)],
      'Expected the units of energy to be eV or keV, got deg',
    ],
    [
      'data in files',
      [start(), descriptor(), event(0, pointAt(0), DESCRIPTOR, { filled: { it: false } }), stop(1)],
      'Expected it within the events, got data in a file',
    ],
  ])('%s: a dead letter that says so', (_, documents, detail) => {
    const made = addAll(fresh(), documents);
    expect(rejectsOf(made)).toEqual([
      expect.objectContaining({ reason: 'unmapped-run', detail: expect.stringContaining(detail) }),
    ]);
  });
});

describe('starts and ends of runs', () => {
  test('a run starts when it is known to be of energies, and ends with its stop, after its scans', () => {
    const made = addAll(fresh(), [
      ...runOf(20).slice(0, -1),
      stop(20, { exit_status: 'abort', reason: 'no beam' }),
    ]);
    expect(made.map(({ kind }) => kind)).toEqual(['run', 'scan', 'run']);
    const about = { runId: RUN, beamline: 'BM', origin: 'LIVE', metadata: { 'bluesky.run': RUN } };
    expect(runsOf(made)).toEqual([
      ...[{ ...about, state: 'STARTED', startedAt: 1_750_000_000_000, ...NOT_ENDED }],
      {
        ...{ ...about, state: 'ENDED', startedAt: 1_750_000_000_000, endedAt: 1_750_000_100_000 },
        ...{ exitStatus: 'ABORT', reason: 'no beam', scans: 1 },
      },
    ]);
    expect(scansOf(made)[0]!.endedAtMs).toBeLessThanOrEqual(runsOf(made)[1]!.endedAt!);
  });

  test('a run without the energy has neither, and one that lost its stop no end', () => {
    const alignment = [start(), descriptor({ diode: {} }), event(0, { diode: 1 }), stop(1)];
    expect(addAll(fresh(), alignment)).toEqual([]);
    const assembler = fresh();
    const made = [...addAll(assembler, runOf(20).slice(0, -1)), ...assembler.overdue(60_000)];
    expect(made.map(({ kind }) => kind)).toEqual(['run', 'scan']);
  });

  test('what several Bluesky runs share ends with the one that says it is the last', () => {
    const shared = { run: 'start.experiment', last: { 'start.is_last': ['yes'] } };
    const scan = (n: number, more: object = {}) => {
      const uid = `${RUN}-${n}`;
      const own = runOf(20, uid).slice(1);
      return [start({ element: 'Fe', experiment: 'night', ...more }, uid), ...own];
    };
    const made = addAll(fresh(shared), [...scan(1), ...scan(2), ...scan(3, { is_last: 'yes' })]);
    expect(made.map(({ kind }) => kind)).toEqual(['scan', 'scan', 'scan', 'run']);
    expect(runsOf(made)).toMatchObject([{ runId: 'night', state: 'ENDED', startedAt: null, scans: null }]);
    expect(runsOf(addAll(fresh({ ...shared, last: undefined }), scan(3, { is_last: 'yes' })))).toEqual([]);
  });
});

describe('after a restart', () => {
  /**
   * Reads documents up to any place, forgets all but what was committed there, reads again from where that says, and
   * goes on: what came out before and after together.
   */
  function interrupted(documents: readonly unknown[], cut: number, partition: (i: number) => number) {
    const partitions = [0, 1, 2];
    const placed = documents.map((document, i) => ({ document, partition: partition(i), offset: i }));
    const feed = (assembler: RunAssembler, each: (typeof placed)[number]) =>
      addAll(assembler, [each.document], { offset: each.offset, partition: () => each.partition });
    const first = fresh();
    const before = placed.slice(0, cut).flatMap((each) => feed(first, each));
    const committed = new Map(
      partitions.map((p) => [p, heldPartition(first.held(p), BigInt(cut), 'topic')] as const),
    );
    const held = new Map(
      [...committed].map(
        ([p, each]) => [p, readHeldPartition(each.offset, each.metadata, 'topic')!] as const,
      ),
    );
    const second = runAssembler(mappingOf(), {
      ended: [...new Set([...held.values()].flatMap((each) => each.ended))],
    });
    let again = 0;
    for (const each of placed.slice(0, cut)) {
      if (BigInt(each.offset) < held.get(each.partition)!.oldest!) continue;
      again += 1;
      feed(second, each);
    }
    second.keepOnly(held);
    const after = placed.slice(cut).flatMap((each) => feed(second, each));
    return { made: [...before, ...after, ...second.overdue(1e9)], again };
  }

  const uids = [1, 2, 3].map((n) => `6f2a1c0e-0000-4000-8000-00000000000${n}`);
  const runs = uids.map((uid, n) => [
    start({ element: 'Fe' }, uid),
    descriptor(undefined, uid, `d${n}`),
    ...Array.from({ length: 6 }, (_, i) => event(i, undefined, `d${n}`)),
    stop(6, {}, uid),
  ]);
  /** Runs that lie within each other, and some documents out of their order. */
  const mixed = fc.shuffledSubarray(runs.flat(), { minLength: runs.flat().length });

  test('at any place, in any order, over any partitions: every scan once, whole, and nothing else', () => {
    fc.assert(
      fc.property(
        mixed,
        fc.nat({ max: 27 }),
        fc.array(fc.nat({ max: 2 }), { minLength: 27, maxLength: 27 }),
        (documents, cut, places) => {
          const { made } = interrupted(documents, cut, (i) => places[i]!);
          expect(rejectsOf(made)).toEqual([]);
          expect(
            scansOf(made)
              .map(({ scanId }) => scanId)
              .sort(),
          ).toEqual(uids);
          expect(scansOf(made).map(({ energyEv }) => energyEv.length)).toEqual([6, 6, 6]);
          for (const state of ['STARTED', 'ENDED']) expect(runIdsOf(made, state).sort()).toEqual(uids);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('between runs nothing is read again', () => {
    expect(interrupted(runs.flat(), 9, () => 0).again).toBe(0);
    expect(interrupted(runs.flat(), 12, () => 0).again).toBe(3);
  });

  test('without what was committed beside the offset, runs come twice: the test can fail', () => {
    const first = fresh();
    const open = runs[0]!.slice(0, 4);
    addAll(first, [...open, ...runs[1]!]);
    const { oldest, ended } = first.held(0)!;
    expect([oldest, ended.length]).toEqual([0n, 1]);
    const forgetful = runAssembler(mappingOf());
    expect(scansOf(addAll(forgetful, [...open, ...runs[1]!]))).toHaveLength(1);
    const knowing = runAssembler(mappingOf(), { ended });
    expect(scansOf(addAll(knowing, [...open, ...runs[1]!]))).toHaveLength(0);
  });
});

test('events that were given up for want of their descriptor are given up once, also over a restart', () => {
  const first = fresh();
  addAll(first, [start()], { nowMs: 0 });
  const detailsOf = (made: readonly MadeScan[]) =>
    made.flatMap((each) => (each.kind === 'dead-letter' ? [Number(each.record.offset)] : []));
  const documents = Array.from({ length: 10 }, (_, i) => event(i, undefined, 'never comes'));
  const given = documents.flatMap((each, i) => {
    addAll(first, [each], { nowMs: 1000 * i, offset: 1 + i });
    return detailsOf(first.overdue(1000 * i));
  });
  expect(given).toEqual([1, 2, 3, 4, 5]);
  const { offset, metadata } = heldPartition(first.held(0), 11n, 'topic');
  const held = readHeldPartition(offset, metadata, 'topic')!;
  const second = runAssembler(mappingOf(), { ended: held.ended });
  addAll(second, [start(), ...documents], { nowMs: 20_000 });
  second.keepOnly(new Map([[0, held]]));
  expect(detailsOf(second.overdue(25_000))).toEqual([6, 7, 8, 9, 10]);
});

test('all that may be open fits beside an offset', () => {
  const letters = (n: number) => Array.from({ length: n }, (_, i) => `${i}`.padStart(8, '_'));
  const held = {
    ...{ oldest: 9_000_000_000_000n, ended: letters(200), runsWithoutStart: letters(200) },
    awaited: letters(50).map((descriptor) => ({ descriptor, from: 9_002_000_000_000n })),
  };
  const { offset, metadata } = heldPartition(held, 9_003_000_000_000n, 'f'.repeat(32));
  expect(Buffer.byteLength(metadata)).toBeLessThan(4096);
  expect(readHeldPartition(offset, metadata, 'f'.repeat(32))).toEqual(held);
});

test('what a version before 2026-11-28 committed is read', () => {
  const metadata = JSON.stringify({
    ...{ topic: 'topic', ended: ['TqAL_IJo', 'iy3tlp6h'], unplaced: [1], headless: [RUN] },
  });
  const before = readHeldPartition(7n, metadata, 'topic')!;
  expect(before).toMatchObject({ oldest: 7n, ended: ['TqAL_IJo', 'iy3tlp6h'], awaited: [] });
  const now = heldPartition(before, 9n, 'topic');
  expect([now.offset, readHeldPartition(now.offset, now.metadata, 'topic')]).toEqual([7n, before]);
  const assembler = fresh();
  addAll(assembler, [descriptor()]); // its start has not come
  expect(assembler.held(0)!.runsWithoutStart).toEqual(before.runsWithoutStart);
});
