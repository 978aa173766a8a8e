import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { blueskyPython } from '../../demo/bluesky/bluesky-python.ts';
import type { HostileRecord } from '../hostile/corpus.ts';

const PROGRAM = join(import.meta.dirname, 'publish.py');

/** Publishes a record as kafkajs cannot: with headers that have no value. */
export async function publishByLibrdkafka(
  brokers: readonly string[],
  topic: string,
  { key, value, headers }: Pick<HostileRecord, 'key' | 'value' | 'headers'>,
): Promise<void> {
  const base64 = (bytes: Buffer | null) => bytes?.toString('base64') ?? null;
  const flat = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((each) => [name, base64(each)]),
  );
  const input = { brokers: brokers.join(','), topic, key: base64(key), value: base64(value), headers: flat };
  execFileSync(await blueskyPython(), [PROGRAM], {
    input: JSON.stringify(input),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
