import type { RunningProcess } from '../../demo/services/start-process.ts';
import { type Flow, startFlow } from '../integration/flow.ts';
import { until } from '../until.ts';
import { exampleScan } from './scans.ts';

/** Scans that are published at a time. */
export const BATCH = 20;

/** A processor on topics of its own, and what it does when the broker is killed. */
export type Party = {
  readonly flow: Flow;
  readonly env: Readonly<Record<string, string>>;
  readonly processorIs: 'killed' | 'frozen';
  processor: RunningProcess;
  published: number;
};

export async function startParty(
  brokers: readonly string[],
  processorIs: Party['processorIs'],
  env: Readonly<Record<string, string>> = {},
): Promise<Party> {
  const flow = await startFlow(brokers, { partitions: 1 });
  const processor = await flow.start(env, 'test/faults/worker.ts');
  return { flow, env, processorIs, processor, published: 0 };
}

export async function publish(each: Party): Promise<void> {
  const scans = Array.from({ length: BATCH }, (_, i) => exampleScan('sample', each.published + i));
  each.published += scans.length;
  await each.flow.publish(scans);
}

export const allSeen = (parties: readonly Party[]) =>
  until(() => parties.every(({ flow, published }) => flow.seen() >= published));

/** Stops the processors as each one is to be, before the broker is killed. */
export function strike(parties: readonly Party[]): void {
  for (const { processor, processorIs } of parties)
    processor.signal(processorIs === 'frozen' ? 'SIGSTOP' : 'SIGKILL');
}

/** When the broker is back: the frozen go on, in the place of the killed stands another. */
export async function goOn(parties: readonly Party[]): Promise<void> {
  for (const each of parties) {
    if (each.processorIs === 'frozen') each.processor.signal('SIGCONT');
    else each.processor = await each.flow.start(each.env, 'test/faults/worker.ts');
  }
}

export async function endParties(parties: readonly Party[]): Promise<void> {
  await Promise.all(parties.map(({ processor }) => processor.stop()));
  await Promise.all(parties.map(({ flow }) => flow.close()));
}
