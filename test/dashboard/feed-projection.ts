import { type RedisView, redisView } from '../../src/producers/redis-projection.ts';
import type { WireDeadLetter, WireDescriptors } from '../../src/wire/generated.ts';
import { until } from '../until.ts';
import { descriptorsBytes } from './fixture-events.ts';

export type ViewFeed = {
  scans(events: readonly WireDescriptors[]): Promise<void>;
  letters(letters: readonly WireDeadLetter[]): Promise<void>;
  /** Says that a view runs, as `npm run view` does every second. */
  alive(): Promise<void>;
  close(): void;
};

/** Writes to Redis as the view does, through the view's own writer, without a broker. */
export async function feedView(url: string, prefix: string): Promise<ViewFeed> {
  const view: RedisView = redisView({ url, prefix, nowMs: Date.now });
  const position = (topic: string) => view.position(topic, 0);
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
      | { kind: 'letter'; letters: readonly WireDeadLetter[] },
  ) {
    const from = await position(topic);
    const answer = await view.apply({
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
    letters: (letters) => write('letters', letters.length, { kind: 'letter', letters }),
    alive: () => view.report('test', { at: Date.now(), viewLag: 0, scansWaiting: 0, scansIn: 0 }),
    close: () => view.close(),
  };
}
