import type { Run } from '../../src/messages/run.ts';
import {
  type ProjectedMessages,
  type RedisProjection,
  redisProjection,
} from '../../src/producers/redis-projection.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { redisSettings } from '../../src/runtime/redis-settings.ts';
import type {
  WireAccumulation,
  WireAcknowledgement,
  WireAnnotation,
  WireChangePoint,
  WireDeadLetter,
  WireDescriptors,
  WireRequest,
} from '../../src/wire/generated.ts';
import { until } from '../until.ts';
import { descriptorsBytes } from './fixture-events.ts';

export type ProjectionFeed = {
  scans(events: readonly WireDescriptors[]): Promise<void>;
  deadLetters(deadLetters: readonly WireDeadLetter[]): Promise<void>;
  runs(runs: readonly Run[]): Promise<void>;
  changes(changes: readonly WireChangePoint[]): Promise<void>;
  annotations(annotations: readonly WireAnnotation[]): Promise<void>;
  requests(requests: readonly WireRequest[]): Promise<void>;
  acknowledgements(acknowledgements: readonly WireAcknowledgement[]): Promise<void>;
  accumulations(accumulations: readonly WireAccumulation[]): Promise<void>;
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
  async function write(topic: string, batch: ProjectedMessages) {
    const from = await position(topic);
    const to = (from ?? 0n) + BigInt(batch.messages.length);
    const answer = await projection.apply({ ...batch, topic, partition: 0, from, to });
    if (!answer.applied) throw new Error(`Expected Redis to stand at ${from}, got ${answer.position}`);
  }
  return {
    scans: (events) =>
      write('descriptors', {
        kind: 'scan',
        messages: events.map((event) => ({ event, bytes: descriptorsBytes(event) })),
      }),
    deadLetters: (messages) => write('dead-letters', { kind: 'dead-letter', messages }),
    runs: (messages) => write('runs', { kind: 'run', messages }),
    changes: (messages) => write('changes', { kind: 'change', messages }),
    annotations: (messages) => write('annotations', { kind: 'annotation', messages }),
    requests: (messages) => write('requests', { kind: 'request', messages }),
    acknowledgements: (messages) => write('acknowledgements', { kind: 'acknowledgement', messages }),
    accumulations: (messages) => write('accumulations', { kind: 'accumulation', messages }),
    alive: () => projection.report('test', { projectionLag: 0, scansWaiting: 0, scansIn: 0 }),
    close: () => projection.close(),
  };
}
