import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type RunAssembler, runAssembler } from '../../src/bluesky/assemble-runs.ts';
import { decodeDocument } from '../../src/bluesky/decode-document.ts';
import { parseMapping } from '../../src/bluesky/mapping.ts';
import type { LeastRange } from '../../src/bluesky/previews.ts';
import { isReject } from '../../src/messages/reject.ts';
import { PARTIAL_OF_KEY, type Scan, SWEEP_ELEMENTS_KEY } from '../../src/messages/scan.ts';
import { descriptor, event, pointAt, RUN, recordOf, runOf, start, stop } from './documents.ts';

const MAPPING = {
  beamline: 'BM',
  energy: 'energy',
  i0: 'i0',
  it: 'it',
  element: 'start.element',
  previews: 3,
};
/** Runs of test/bluesky/documents.ts begin at 7100 eV and go up by 1 eV. */
const leastRange: LeastRange = ({ element }) => (element === 'Fe' ? { fromEv: 7105, toEv: 7139.5 } : null);
/** The 41st point is the first beyond. */
const FIRST = 41;
/** Each a quarter more, rounded up. */
const DUE = [FIRST, 52, 65];

function assemblerOf(changes: object = {}, range: LeastRange | undefined = leastRange): RunAssembler {
  const mapping = parseMapping({ ...MAPPING, ...changes }, 'mapping.json');
  const assembler = runAssembler(mapping, { leastRange: range });
  assembler.keepOnly(new Map());
  return assembler;
}

/** Scans that come of documents, each with the number of the document that brought it. */
function scansOf(assembler: RunAssembler, documents: readonly unknown[], partition = (_: number) => 0) {
  return documents.flatMap((document, i) => {
    const record = recordOf(document, i, partition(i));
    const decoded = decodeDocument(record);
    if (isReject(decoded)) throw new Error(decoded.detail);
    return assembler.add(decoded, record, 0).flatMap((made) => {
      if (made.kind === 'dead-letter') throw new Error(made.reject.detail);
      if (made.kind === 'run') return []; // that it has started, or ended
      return [{ i, scan: made.scan }];
    });
  });
}
const idsOf = (made: readonly { readonly scan: Scan }[]) => made.map(({ scan }) => scan.scanId);
const previewIds = DUE.map((points) => `${RUN}/first-${points}`);

describe('previews of a run', () => {
  test('come when the least range is measured and when it has grown by a quarter; then comes the whole', () => {
    const made = scansOf(assemblerOf(), runOf(100));
    expect(idsOf(made)).toEqual([...previewIds, RUN]);
    // Start and descriptor come before the events.
    expect(made.map(({ i }) => i)).toEqual([...DUE.map((points) => points + 1), 102]);
    const [first] = made;
    expect(first!.scan).toMatchObject({
      ...{ runId: RUN, sampleId: 'rust', element: 'Fe', sequence: 7, mode: 'TRANSMISSION' },
      startedAtMs: 1_750_000_000_000,
      endedAtMs: 1_750_000_002_000 + 1000 * (FIRST - 1),
      metadata: { [PARTIAL_OF_KEY]: RUN, note: `still being measured: the first ${FIRST} points` },
    });
    expect([...first!.scan.energyEv]).toEqual(Array.from({ length: FIRST }, (_, i) => pointAt(i).energy));
    const whole = made.at(-1)!.scan;
    expect(whole.energyEv).toHaveLength(100);
    expect(PARTIAL_OF_KEY in whole.metadata || 'note' in whole.metadata).toBe(false);
  });

  test('are as many as the mapping says, and none by default', () => {
    expect(idsOf(scansOf(assemblerOf({ previews: 1 }), runOf(100)))).toEqual([previewIds[0], RUN]);
    expect(idsOf(scansOf(assemblerOf({ previews: undefined }), runOf(100)))).toEqual([RUN]);
  });

  test('there are none of a scan that ends before, of an edge that is not known, and behind the stop', () => {
    expect(idsOf(scansOf(assemblerOf(), runOf(FIRST - 1)))).toEqual([RUN]);
    const documents = runOf(100);
    const cobalt = [start({ element: 'Co' }), ...documents.slice(1)];
    expect(idsOf(scansOf(assemblerOf(), cobalt))).toEqual([RUN]);
    const stopFirst = [documents.at(-1)!, ...documents.slice(0, -1)];
    expect(idsOf(scansOf(assemblerOf(), stopFirst))).toEqual([RUN]);
  });

  test('hold no point behind a gap: the one that fills it brings the preview', () => {
    const documents = runOf(100);
    const [gap] = documents.splice(12, 1);
    documents.splice(70, 0, gap!);
    const made = scansOf(assemblerOf(), documents);
    // The gap is filled when 69 events are there: of the previews that were due the largest.
    expect(made.map(({ i, scan }) => [i, scan.scanId])).toEqual([
      [70, `${RUN}/first-65`],
      [102, RUN],
    ]);
  });

  test('come of pages and of energies that fall', () => {
    const falling = (i: number) => ({ ...pointAt(i), energy: 7150 - i });
    const documents = [start(), descriptor(), ...Array.from({ length: 100 }, (_, i) => event(i, falling(i)))];
    expect(idsOf(scansOf(assemblerOf(), documents))).toEqual([46, 58, 73].map((n) => `${RUN}/first-${n}`));
  });

  test('end where energies turn, and are not of sweeps over several edges', () => {
    const swinging = (i: number) => ({ ...pointAt(i), energy: 7100 + 44 - Math.abs(44 - (i % 88)) });
    const documents = [
      start(),
      descriptor(),
      ...Array.from({ length: 100 }, (_, i) => event(i, swinging(i))),
      stop(100),
    ];
    expect(idsOf(scansOf(assemblerOf(), documents))).toEqual([previewIds[0], RUN]);
    const sweep = { metadata: { [SWEEP_ELEMENTS_KEY]: { value: 'Fe,Co' } } };
    expect(idsOf(scansOf(assemblerOf(sweep), runOf(100)))).toEqual([RUN]);
  });

  test('the whole of a run that cannot be mapped says why, once', () => {
    const broken = [start(), descriptor({ energy: { units: 'nm' }, i0: {}, it: {} }), ...runOf(100).slice(2)];
    expect(() => scansOf(assemblerOf(), broken)).toThrow(/units of energy/);
  });
});

test('the id of a scan must be known before its events where there are previews', () => {
  expect(() => assemblerOf({ id: 'event.number' })).toThrow(
    'Expected id of mapping.json to be known before the events, since previews name it, got event.number',
  );
});

test('read again after a restart, at any place, in any order over any partitions: none comes twice', () => {
  const documents = runOf(80);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(documents, { minLength: documents.length }),
      fc.nat({ max: documents.length }),
      fc.array(fc.nat({ max: 2 }), { minLength: documents.length, maxLength: documents.length }),
      (shuffled, cut, partitions) => {
        const placed = shuffled.map((document, i) => ({ document, partition: partitions[i]! }));
        const before = scansOf(assemblerOf(), shuffled.slice(0, cut));
        // Partitions are read again one after the other, whatever their order was.
        const again = placed.slice(0, cut).sort((a, b) => a.partition - b.partition);
        const second = assemblerOf();
        const dropped = scansOf(
          second,
          again.map(({ document }) => document),
        );
        const wasWhole = before.some(({ scan }) => scan.scanId === RUN);
        expect(dropped.some(({ scan }) => scan.scanId === RUN)).toBe(wasWhole);
        const ids = idsOf([...before, ...scansOf(second, shuffled.slice(cut))]);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.filter((id) => id === RUN)).toHaveLength(1);
        expect(ids.at(-1)).toBe(RUN);
        for (const id of ids.slice(0, -1)) expect(previewIds).toContain(id);
      },
    ),
    { numRuns: 100 },
  );
});
