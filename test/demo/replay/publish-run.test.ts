import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { operandoRun, type PublishedScan } from '../../../demo/replay/operando-run.ts';
import { publishRun } from '../../../demo/replay/publish-run.ts';
import { quietKafkaClient } from '../../../demo/services/kafka-client.ts';
import type { Run } from '../../../src/messages/run.ts';
import { createTopics } from '../../../src/producers/create-topics.ts';
import { collect } from '../../clients/collect.ts';
import { until } from '../../until.ts';

const kafka = quietKafkaClient(process.env.KAFKA_BROKERS_TEST!.split(','));

describe('publishRun', () => {
  test('publishes every scan under its sample, in order, at moments that do not drift', async () => {
    const topic = `replay-${randomUUID()}`;
    await createTopics(kafka, [topic, `${topic}-runs`]);
    const scans = 40;
    const published: PublishedScan[] = [];
    const run = operandoRun({ seed: 1, samples: 3, scans });
    const startMs = Date.now();
    await publishRun({
      kafka,
      topic,
      runsTopic: `${topic}-runs`,
      run,
      runId: 'r',
      scans,
      rate: 200,
      onPublished: (scan) => published.push(scan),
    });
    expect(published.map(({ sequence }) => sequence)).toEqual(Array.from({ length: scans }, (_, i) => i));
    expect(published[0]!.endedAtMs).toBeGreaterThanOrEqual(startMs);
    for (const { sequence, endedAtMs } of published) {
      expect(Math.abs(endedAtMs - published[0]!.endedAtMs - sequence * 5)).toBeLessThanOrEqual(1);
    }

    expect(await saidOf(topic)).toMatchObject([
      { state: 'STARTED', runId: 'r', beamline: 'REPLAY-XAS', origin: 'REPLAY' },
      { state: 'ENDED', runId: 'r', exitStatus: 'SUCCESS', scans },
    ]);

    const seen = await readAll(topic, scans);
    expect(seen).toHaveLength(scans);
    for (const { sampleId } of published.slice(0, 3)) {
      const mine = seen.filter(({ key }) => key === sampleId);
      expect(new Set(mine.map(({ partition }) => partition)).size).toBe(1);
      const ids = published.filter((scan) => scan.sampleId === sampleId).map(({ scanId }) => scanId);
      expect(mine.map(({ scanId }) => scanId)).toEqual(ids);
    }
  });

  test('an abort ends it without a rest', async () => {
    const topic = `replay-${randomUUID()}`;
    await createTopics(kafka, [topic, `${topic}-runs`]);
    const abort = new AbortController();
    const published: PublishedScan[] = [];
    await publishRun({
      kafka,
      topic,
      runsTopic: `${topic}-runs`,
      run: operandoRun({ seed: 1, samples: 1, scans: 1000 }),
      runId: 'r',
      scans: 1000,
      rate: 0.001,
      signal: abort.signal,
      onPublished: (scan) => {
        published.push(scan);
        abort.abort();
      },
    });
    expect(published).toHaveLength(1);
    const [, ended] = await saidOf(topic);
    expect(ended).toMatchObject({ exitStatus: 'ABORT', reason: 'interrupted', scans: 1 });
    expect(ended!.endedAt).toBeGreaterThanOrEqual(published[0]!.endedAtMs);
  });
});

/** The start and the end of the run. */
async function saidOf(topic: string): Promise<readonly Run[]> {
  const runs = await collect<Run>(kafka, `${topic}-runs`, 'run');
  await until(() => runs.messages.length === 2);
  await runs.close();
  return runs.messages;
}

async function readAll(topic: string, count: number) {
  const seen: { key: string; partition: number; scanId: string }[] = [];
  const consumer = kafka.consumer({ groupId: topic });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ partition, message }) => {
          const scanId = `${message.headers?.['replay-scan-id']}`;
          seen.push({ key: `${message.key}`, partition, scanId });
          if (seen.length === count) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return seen;
}
