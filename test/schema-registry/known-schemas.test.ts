import { expect, test } from '@jest/globals';
import type { SourceRecord } from '../../src/messages/record.ts';
import { type Reject, reject } from '../../src/messages/reject.ts';
import { knownSchemas } from '../../src/schema-registry/known-schemas.ts';
import { framed } from '../../src/wire/confluent-frame.ts';
import { SCAN_SCHEMA } from '../../src/wire/scan-codec.ts';
import { manualClock, settled } from '../manual-clock.ts';
import { exampleRecord } from '../producers/example-outcomes.ts';

const WAIT_MS = 10_000;
const UNKNOWN = reject('unknown-schema', 'Expected schema to be in the registry');

/** A registry that knows schema 1 and 2, can be away, and counts what it is asked. */
function world({ slowMs = 0 } = {}) {
  const clock = manualClock();
  const state = { away: false, asked: [] as number[], told: [] as number[] };
  const schemas = knownSchemas({
    registry: {
      async schemaOf(id): Promise<string | Reject> {
        state.asked.push(id);
        if (slowMs > 0) await clock.sleep(slowMs);
        if (state.away) throw new Error('no answer');
        return id <= 2 ? SCAN_SCHEMA : id === 3 ? '"string"' : UNKNOWN;
      },
    },
    ...{ nowMs: clock.nowMs, sleep: clock.sleep, waitMs: WAIT_MS },
    onSchema: (id) => void state.told.push(id),
    onFailure: () => {},
  });
  /** Reasons of those records that stay unread; null while it is waited. */
  const settle = (ids: readonly (number | null)[]) => {
    const records = ids.map(recordWith);
    let answer: (string | undefined)[] | null = null;
    void schemas.settle(records).then((unread) => {
      answer = records.map((record) => unread.get(record)?.reason);
    });
    return async () => {
      await settled();
      return answer;
    };
  };
  return { clock, state, schemas, settle };
}

function recordWith(id: number | null, i: number): SourceRecord {
  const record = exampleRecord(i);
  return { ...record, headers: {}, value: id === null ? Buffer.from('x') : framed(Buffer.from('bytes'), id) };
}

test('each schema is asked for once, and told before its records are read', async () => {
  const { state, settle, schemas } = world();
  expect(await settle([1, 2, 1, null])()).toEqual([undefined, undefined, undefined, undefined]);
  expect(await settle([2, 1])()).toEqual([undefined, undefined]);
  expect([state.asked, state.told]).toEqual([
    [1, 2],
    [1, 2],
  ]);
  expect([...schemas.all().keys()]).toEqual([1, 2]);
});

test('a schema that is unknown or fits no scan is refused at once, and asked for again after a while', async () => {
  const { state, settle, clock } = world();
  expect(await settle([9, 1, 3, 9])()).toEqual([
    'unknown-schema',
    undefined,
    'unknown-schema',
    'unknown-schema',
  ]);
  expect(await settle([9, 3])()).toEqual(['unknown-schema', 'unknown-schema']);
  expect(state.asked.toSorted()).toEqual([1, 3, 9]);
  await clock.advance(10_001);
  expect(await settle([9])()).toEqual(['unknown-schema']);
  expect(state.asked.toSorted()).toEqual([1, 3, 9, 9]);
});

test('scans wait for a registry that is away and comes back', async () => {
  const { state, settle, clock, schemas } = world();
  state.away = true;
  const answer = settle([1]);
  expect(await answer()).toBeNull();
  expect(schemas.away()).toBe('no answer');
  await clock.advance(WAIT_MS / 2);
  expect(await answer()).toBeNull();
  state.away = false;
  await clock.advance(500);
  expect(await answer()).toEqual([undefined]);
  expect(schemas.away()).toBeNull();
});

test('they wait so long in all; then others go on at once, known schemas are read, and its return is noticed', async () => {
  const { state, settle, clock, schemas } = world();
  await settle([1])();
  state.away = true;
  const answer = settle([2, 1, null]);
  expect(await answer()).toBeNull();
  await clock.advance(WAIT_MS / 2);
  expect(await answer()).toBeNull();
  await clock.advance(WAIT_MS / 2);
  expect(await answer()).toEqual(['schema-registry-away', undefined, undefined]);
  expect(await settle([2, 1])()).toEqual(['schema-registry-away', undefined]);
  state.away = false;
  await clock.advance(500);
  expect(schemas.away()).toBeNull();
  expect(await settle([2, 1])()).toEqual([undefined, undefined]);
});

test('a registry that answers slowly does not hold a batch of many unknown ids for longer', async () => {
  const { state, settle, clock } = world({ slowMs: 4_000 });
  const answer = settle(Array.from({ length: 1000 }, (_, i) => 100 + i));
  for (let i = 0; i < 3; i += 1) {
    await settled();
    await clock.advance(4_000);
  }
  expect(new Set(await answer())).toEqual(new Set(['unknown-schema', 'schema-registry-away']));
  expect(state.asked.length).toBeLessThan(50);
});

test('the end of the service ends the wait', async () => {
  const { state, schemas } = world();
  state.away = true;
  const waiting = schemas.settle([recordWith(1, 0)]);
  await settled();
  schemas.close();
  await expect(waiting).rejects.toThrow('the end of the service');
});
