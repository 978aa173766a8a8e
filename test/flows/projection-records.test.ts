import { describe, expect, test } from '@jest/globals';
import { projectionRecords } from '../../src/flows/projection-records.ts';
import { endedRun, startedRun } from '../../src/messages/run.ts';
import type { ProjectionRecords } from '../../src/producers/redis-projection.ts';
import { encodeRun } from '../../src/wire/run-codec.ts';
import { wireType } from '../../src/wire/wire-type.ts';
import {
  deadLetterBytes,
  descriptorsBytes,
  fixtureAccumulation,
  fixtureAcknowledgement,
  fixtureDeadLetter,
  fixtureEvent,
  fixtureRequest,
} from '../dashboard/fixture-events.ts';

const AT = { topic: 'descriptors', partition: 2 };
const GOOD = descriptorsBytes(fixtureEvent(0));

/** Records at the offsets 10, 12, 14, …: the markers of transactions lie between. */
const batchOf = (values: readonly (Buffer | null)[], nextOffset: bigint) => ({
  ...AT,
  nextOffset,
  records: values.map((value, i) => ({
    ...{
      ...AT,
      offset: 10n + 2n * BigInt(i),
      timestampMs: 0,
      key: null,
      value,
      headers: {},
      receivedAtMs: 0,
    },
  })),
});
const sizes = (parts: readonly ProjectionRecords[]) => parts.map(({ messages, to }) => [messages.length, to]);

function fail(offset: bigint, error: unknown): never {
  throw new Error(`offset ${offset}: ${error}`);
}

describe('projectionRecords', () => {
  test('cuts a batch into calls of 100 records; each ends after its last record, the last where the batch ends', () => {
    const parts = [...projectionRecords(batchOf(Array(250).fill(GOOD), 999n), 'scan', fail)];
    expect(sizes(parts)).toEqual([
      [100, 209n],
      [100, 409n],
      [50, 999n],
    ]);
    expect(parts.every(({ topic, partition }) => topic === AT.topic && partition === AT.partition)).toBe(
      true,
    );
  });

  test('keeps the bytes of an event beside what they say', () => {
    const [part] = projectionRecords(batchOf([GOOD], 11n), 'scan', fail);
    expect(part).toMatchObject({ messages: [{ event: { scanId: fixtureEvent(0).scanId }, bytes: GOOD }] });
  });

  test('reads dead letters', () => {
    const letter = fixtureDeadLetter(7);
    const [part] = projectionRecords(batchOf([deadLetterBytes(letter)], 11n), 'dead-letter', fail);
    expect(part).toMatchObject({ messages: [{ reason: letter.reason, value: letter.value }] });
  });

  test.each([
    ['request', fixtureRequest(fixtureEvent(0))],
    ['acknowledgement', fixtureAcknowledgement(fixtureRequest(fixtureEvent(0)), 'ACCEPTED')],
    ['accumulation', fixtureAccumulation(fixtureEvent(0))],
  ] as const)('decodes records of kind %s, and passes over what is none', (kind, message) => {
    const passed: bigint[] = [];
    const values = [wireType(`${kind}.v1.avsc`).encode(message), Buffer.from('none'), null];
    const [part] = projectionRecords(batchOf(values, 20n), kind, (offset) => passed.push(offset));
    expect(part).toEqual({ ...AT, to: 20n, kind, messages: [message] });
    expect(passed).toEqual([12n, 14n]);
  });

  test('decodes starts and ends of runs', () => {
    const about = { runId: 'run', beamline: 'P65', origin: 'LIVE', startedAt: 1000 } as const;
    const ended = endedRun(startedRun(about, { proposal: '7' }), { endedAt: 2000, exitStatus: 'ABORT' });
    const [part] = projectionRecords(batchOf([encodeRun(ended).value], 11n), 'run', fail);
    expect(part).toMatchObject({ kind: 'run', messages: [ended] });
  });

  test('passes over what does not decode, says which, and goes on behind it', () => {
    const passedOver: bigint[] = [];
    const values = [Buffer.from('garbage'), GOOD, null];
    const parts = [...projectionRecords(batchOf(values, 30n), 'scan', (offset) => passedOver.push(offset))];
    expect(sizes(parts)).toEqual([[1, 30n]]);
    expect(passedOver).toEqual([10n, 14n]);
    expect(sizes([...projectionRecords(batchOf([null], 40n), 'scan', () => {})])).toEqual([[0, 40n]]);
  });
});
