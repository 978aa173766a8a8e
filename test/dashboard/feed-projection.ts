import type { Run } from '../../src/messages/run.ts';
import { type RedisProjection, redisProjection } from '../../src/producers/redis-projection.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { redisSettings } from '../../src/runtime/redis-settings.ts';
import type {
  WireAnnotation,
  WireChangePoint,
  WireDeadLetter,
  WireDescriptors,
} from '../../src/wire/generated.ts';
import { until } from '../until.ts';
import { descriptorsBytes } from './fixture-events.ts';

export type ProjectionFeed = {
  scans(events: readonly WireDescriptors[]): Promise<void>;
  deadLetters(deadLetters: readonly WireDeadLetter[]): Promise<void>;
  runs(runs: readonly Run[]): Promise<void>;
  changes(changes: readonly WireChangePoint[]): Promise<void>;
  annotations(annotations: readonly WireAnnotation[]): Promise<void>;
  /** Says that a projection runs, as `npm run projection` does every second. */
  alive(): Promise<void>;
  close(): void;
};

/** Writes to Redis as the projection does, through the projection's own writer, without a broker. */
export async function feedProjection(url: string, prefix: string): Promise<ProjectionFeed> {
  const projection: RedisProjection = redisProjection({
    redis: redisSettings(readConfig({ REDIS_URL: url })),
    prefix,
    nowMs: Date.now,
  });
  const position = (topic: string) => projection.position(topic, 0);
  await until(() =>
    position('descriptors').then(
      () => true,
      () => false,
    ),
  );
  async function write(
    topic: string,
    count: number,
    batch:
      | { kind: 'scan'; events: { event: WireDescriptors; bytes: Buffer }[] }
      | { kind: 'dead-letter'; deadLetters: readonly WireDeadLetter[] }
      | { kind: 'run'; runs: readonly Run[] }
      | { kind: 'change'; changes: readonly WireChangePoint[] }
      | { kind: 'annotation'; annotations: readonly WireAnnotation[] },
  ) {
    const from = await position(topic);
    const answer = await projection.apply({
      ...batch,
      topic,
      partition: 0,
      from,
      to: (from ?? 0n) + BigInt(count),
    });
    if (!answer.applied) throw new Error(`Expected Redis to stand at ${from}, got ${answer.position}`);
  }
  return {
    scans: (events) =>
      write('descriptors', events.length, {
        kind: 'scan',
        events: events.map((event) => ({ event, bytes: descriptorsBytes(event) })),
      }),
    deadLetters: (deadLetters) =>
      write('dead-letters', deadLetters.length, { kind: 'dead-letter', deadLetters }),
    runs: (runs) => write('runs', runs.length, { kind: 'run', runs }),
    changes: (changes) => write('changes', changes.length, { kind: 'change', changes }),
    annotations: (annotations) =>
      write('annotations', annotations.length, { kind: 'annotation', annotations }),
    alive: () => projection.report('test', { projectionLag: 0, scansWaiting: 0, scansIn: 0 }),
    close: () => projection.close(),
  };
}
