import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runAssembler } from '../../src/bluesky/assemble-runs.ts';
import { decodeDocument } from '../../src/bluesky/decode-document.ts';
import { parseMapping } from '../../src/bluesky/mapping.ts';
import type { MadeScan } from '../../src/messages/made-scan.ts';
import { isReject } from '../../src/messages/reject.ts';
import { madeRecord } from '../../src/producers/made-record.ts';
import { sizeOf, type TopicRecord } from '../../src/producers/requests-of.ts';
import { decodeDeadLetter } from '../../src/wire/dead-letter-codec.ts';
import { decodeRun } from '../../src/wire/run-codec.ts';
import { decodeScan } from '../../src/wire/scan-codec.ts';
import { pointAt, recordOf, runOf, start } from './documents.ts';
import { limitsOf, TOPICS } from './publishing.ts';

const LIMIT = 5_000;
/** The run behind. */
const NEXT = 'next';
const LIMITS = limitsOf(LIMIT);
const MAPPING = {
  ...{ beamline: 'BM', energy: 'energy', i0: 'i0', it: 'it', element: 'start.element' },
  ...{ run: ['start.group', 'start.uid'], last: { 'start.plan_name': ['list_scan'] }, mode: 'start.mode' },
  metadata: { potential: 'event.volt', proposal: 'start.proposal', temperature: 'baseline.T' },
};

/** What is made of documents, in their order. */
function madeOf(documents: readonly unknown[]): readonly MadeScan[] {
  const assembler = runAssembler(parseMapping(MAPPING, 'mapping.json'));
  assembler.keepOnly(new Map());
  const made = documents.flatMap((document, offset): readonly MadeScan[] => {
    const record = recordOf(document, offset);
    const decoded = decodeDocument(record);
    if (isReject(decoded)) return [{ kind: 'dead-letter', record, scan: null, reject: decoded }];
    return assembler.add(decoded, record, 0);
  });
  return [...made, ...assembler.overdue(1e9)];
}

/** What is published of them. */
const published = (documents: readonly unknown[]): readonly TopicRecord[] =>
  madeOf(documents).map((each) => madeRecord(each, TOPICS, LIMITS, 1));

const said = ({ topic, message }: TopicRecord): string => {
  const value = message.value as Buffer;
  if (topic === TOPICS.deadLettersTopic) return decodeDeadLetter(value).reason;
  if (topic === TOPICS.runsTopic) return decodeRun(value).state;
  const scan = decodeScan({ ...recordOf(null), value, headers: {} });
  return isReject(scan) ? scan.reason : `scan ${scan.sequence}${scan.scanId === NEXT ? ' behind' : ''}`;
};

test.each([
  ['a number of the scan that Avro does not hold', { scan_id: Number.MAX_SAFE_INTEGER }, ['scan 0']],
  ['a name of the run that no topic takes', { group: 'x'.repeat(LIMIT) }, ['result-too-large', 2]],
  ['a text of the metadata that no topic takes', { proposal: 'é'.repeat(LIMIT) }, ['result-too-large', 1]],
])('%s: the run behind it comes out whole', (_, md, [reason, count = 0]) => {
  const first = [start({ element: 'Fe', ...md }), ...runOf(25).slice(1)];
  const answers = published([...first, ...runOf(25, NEXT)]).map(said);
  expect(answers.slice(-2)).toEqual(['scan 7 behind', 'ENDED']);
  expect(answers).toContain(reason);
  expect(answers.filter((each) => each === 'result-too-large')).toHaveLength(Number(count));
});

test('a scan that cannot be encoded is a dead letter that says why', () => {
  const [scan] = madeOf(runOf(25)).flatMap((each) => (each.kind === 'scan' ? [each] : []));
  const torn = { ...scan!, scan: { ...scan!.scan, sequence: 0.5 } };
  const { topic, message } = madeRecord(torn, TOPICS, LIMITS, 1);
  expect(topic).toBe('dead');
  expect(decodeDeadLetter(message.value as Buffer)).toMatchObject({
    source: { topic: 'documents', offset: 27 },
    value: scan!.record.value,
    reason: 'not-publishable',
    detail: 'Expected a scan that can be encoded, got the error: invalid "long": 0.5',
  });
});

/** What nobody puts into a document. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    ...[Number.NaN, Number.POSITIVE_INFINITY, -0, 1e308, -1e308, 2 ** 53 - 1, 2 ** 53, 2 ** 63, -1, 0.5],
    ...['', 'NaN', '\ud800', '\u0000', '__proto__', 'constructor', 'x'.repeat(LIMIT), null, true, [], {}],
    ...[[[[]]], [1, 'a'], { __proto__: null, constructor: { prototype: 1 } }, new Uint8Array(9)],
    ...[Array.from({ length: 400 }, (_, i) => i), [Number.NaN], ['1'], { nd: true, data: new Uint8Array(8) }],
  ),
  fc.double(),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.anything({ maxDepth: 3, withNullPrototype: false }),
);
const aChange = fc.record({
  document: fc.nat(27),
  key: fc.constantFrom(
    ...['element', 'edge', 'sample', 'scan_id', 'group', 'mode', 'proposal', 'uid', 'time', 'plan_name'],
    ...['data_keys', 'name', 'descriptor', 'run_start', 'seq_num', 'data', 'filled'],
    ...['exit_status', 'reason', 'num_events', 'energy', 'i0', 'it', 'volt', '__proto__', 'constructor'],
  ),
  value: anything,
});

function changed(changes: readonly { document: number; key: string; value: unknown }[]) {
  return runOf(25).map(([name, content], i) => {
    const fields = new Map<string, unknown>(Object.entries(content));
    for (const { document, key, value } of changes) {
      if (document !== i) continue;
      const isOfData = name === 'event' && (key in pointAt(0) || key === 'volt');
      if (isOfData) fields.set('data', { ...(fields.get('data') as object), [key]: value });
      else fields.set(key, value);
    }
    return [name, Object.fromEntries(fields)];
  });
}

test('whatever documents hold, all of it is published, and so is the run behind it', () => {
  const seen = new Set<string>();
  const aRun = fc.array(aChange, { minLength: 1, maxLength: 5 }).map(changed).filter(isMsgpack);
  fc.assert(
    fc.property(aRun, (documents) => {
      const records = published([...documents, ...runOf(25, NEXT)]);
      for (const { message } of records) expect(sizeOf(message)).toBeLessThanOrEqual(LIMIT);
      const answers = records.map(said);
      for (const each of answers) seen.add(each);
      expect(answers.filter((each) => each === 'scan 7 behind')).toHaveLength(1);
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 1000) },
  );
  for (const each of ['malformed-document', 'unmapped-run', 'missing-documents', 'scan 7'])
    expect(seen).toContain(each);
});

/** Whether a document can be written at all: msgpack has no functions, symbols or large integers. */
function isMsgpack(documents: readonly unknown[]): boolean {
  try {
    for (const each of documents) recordOf(each);
    return true;
  } catch {
    return false;
  }
}
