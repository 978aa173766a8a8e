import { join } from 'node:path';
import { learnStandards } from '../../../../bench/closed-loop/charge.ts';
import { quietKafkaClient } from '../../../../demo/services/kafka-client.ts';
import { startKafka } from '../../../../demo/services/start-kafka.ts';
import { type RunningProcess, startProcess, typescript } from '../../../../demo/services/start-process.ts';
import type { Standard } from '../../../../src/messages/standard.ts';
import {
  createFlowTopics,
  createRequestTopics,
  createTopics,
} from '../../../../src/producers/create-topics.ts';
import { publishStandards } from '../../../../src/producers/publish-standards.ts';
import { readConfig } from '../../../../src/runtime/config.ts';

/** Ends what would wait for ever; no measure of speed. */
export const WITHIN_MS = 900_000;
export const BEAMLINE = 'RE-SIM';

/**
 * A broker with the standards of a former cell, our processor, and the service that makes scans of the documents that
 * startup.py's RunEngine publishes.
 * @param closers is added to, in the order in which things were started
 */
export async function simulatedBeamline(closers: (() => Promise<unknown>)[]) {
  const kafka = await startKafka();
  closers.push(kafka.close);
  const BLUESKY_MAPPING = join(import.meta.dirname, 'mapping.json');
  const env = { KAFKA_BROKERS: kafka.brokers.join(), LOG_LEVEL: 'info', BLUESKY_MAPPING };
  const config = readConfig(env);
  const client = quietKafkaClient(kafka.brokers);
  await createFlowTopics(client, config, 1);
  await createRequestTopics(client, config, 1);
  await createTopics(client, [config.TOPIC_BLUESKY], 1);
  await publishStandards(client, config.TOPIC_STANDARDS, standards());
  const start = async (
    name: string,
    options: Parameters<typeof startProcess>[1],
  ): Promise<RunningProcess> => {
    const started = await startProcess(name, { readyTimeoutMs: WITHIN_MS, ...options });
    closers.push(started.stop);
    return started;
  };
  await start('processor', { ...typescript('src/bin/processor.ts'), env, ready: /"msg":"processing"/ });
  await start('bluesky', { ...typescript('src/bin/bluesky.ts'), env, ready: /"msg":"assembling"/ });
  return { brokers: kafka.brokers, documents: config.TOPIC_BLUESKY, env, start };
}

/** Standards of a former cell of known charge, of this beamline. */
function standards(): Standard[] {
  const learned: Standard[] = [];
  learnStandards({ learn: (told) => void (told.kind === 'standard' && learned.push(told.standard)) }, 0.002);
  return learned.map((standard) => ({
    ...{ ...standard, beamline: BEAMLINE, scan: { ...standard.scan, beamline: BEAMLINE } },
  }));
}
