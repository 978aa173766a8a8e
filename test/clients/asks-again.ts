import { expect } from '@jest/globals';
import type { Request } from '@xanes-stream/client';
import type { Kafka } from 'kafkajs';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { until } from '../until.ts';
import { collect } from './collect.ts';
import { endedCases } from './sample-cases.ts';

/**
 * The example agent of a package asks for more scans, hears what becomes of that, and asks again where nothing came.
 * @param start it, which reads `topics` from the beginning
 * @returns the agent, which runs on
 */
export async function asksAgain(
  kafka: Kafka,
  topics: Readonly<Record<'requests' | 'accumulations' | 'acknowledgements', string>>,
  publish: (topic: string, values: readonly Buffer[], key: string) => Promise<unknown>,
  start: () => Promise<RunningProcess>,
): Promise<RunningProcess> {
  const requests = await collect<Request>(kafka, topics.requests, 'request');
  try {
    const { repeats, asked, answers, askedAgain, isHeard } = endedCases();
    await publish(topics.accumulations, repeats(2), 'one');
    const agent = await start();
    const ids = () => requests.messages.map(({ requestId }) => requestId);
    await until(() => asked.every((id) => ids().includes(id)));
    await publish(topics.acknowledgements, answers, 'P65');
    await until(() => isHeard(agent.output()));
    await publish(topics.accumulations, repeats(3), 'one');
    await until(() => askedAgain.every((id) => ids().includes(id)));
    expect(ids()).toEqual([...asked, ...askedAgain]);
    return agent;
  } finally {
    await requests.close();
  }
}
