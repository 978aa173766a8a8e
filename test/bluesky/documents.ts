import { encode } from '@msgpack/msgpack';
import type { SourceRecord } from '../../src/messages/record.ts';

export const RUN = '6f2a1c0e-0000-4000-8000-000000000001';
export const DESCRIPTOR = '6f2a1c0e-0000-4000-8000-0000000000d1';

/** The i0, it and energy of a run of so many points. */
export const pointAt = (i: number) => ({ energy: 7100 + i, i0: 1000 + i, it: 500 - i });

const KEYS = { energy: { units: 'eV' }, i0: {}, it: {} };

export const start = (md: object = { element: 'Fe', edge: 'K', sample: 'rust' }, run = RUN) =>
  ['start', { uid: run, time: 1_750_000_000, scan_id: 7, plan_name: 'list_scan', ...md }] as const;

export const descriptor = (keys: object = KEYS, run = RUN, uid = DESCRIPTOR, name = 'primary') =>
  [
    'descriptor',
    {
      uid,
      run_start: run,
      time: 1_750_000_001,
      name,
      data_keys: Object.fromEntries(
        Object.entries(keys).map(([key, more]) => [
          key,
          { source: 'SIM', dtype: 'number', shape: [], ...more },
        ]),
      ),
    },
  ] as const;

export const event = (i: number, data: object = pointAt(i), uid = DESCRIPTOR, more: object = {}) =>
  [
    'event',
    {
      uid: `event-${i}`,
      descriptor: uid,
      seq_num: i + 1,
      time: 1_750_000_002 + i,
      data,
      timestamps: {},
      ...more,
    },
  ] as const;

export const stop = (events: number | null, more: object = {}, run = RUN) =>
  [
    'stop',
    {
      ...{ uid: `stop-${run}`, run_start: run, time: 1_750_000_100, exit_status: 'success' },
      ...(events !== null && { num_events: { primary: events } }),
      ...more,
    },
  ] as const;

/** A whole run, point by point. */
export const runOf = (points: number, run = RUN) => {
  const uid = run === RUN ? DESCRIPTOR : `descriptor-${run}`;
  return [
    start(undefined, run),
    descriptor(undefined, run, uid),
    ...Array.from({ length: points }, (_, i) => event(i, undefined, uid)),
    stop(points, {}, run),
  ];
};

export const recordOf = (content: unknown, offset = 0, partition = 0): SourceRecord => ({
  topic: 'documents',
  partition,
  offset: BigInt(offset),
  timestampMs: 1_750_000_000_000,
  key: null,
  value: Buffer.from(encode(content)),
  headers: {},
  receivedAtMs: 0,
});
