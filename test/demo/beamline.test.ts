import { afterEach, describe, expect, test } from '@jest/globals';
import { type Client, connect, type NewRequest } from '@xanes-stream/client';
import { type Beamline, startBeamline } from '../../demo/beamline.ts';
import { operandoRun, type PublishedScan, REPLAY_BEAMLINE } from '../../demo/replay/operando-run.ts';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { clientTopics } from '../clients/topics.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
const kafka = quietKafkaClient(brokers);
const plan = { seed: 1, samples: 3, scans: 60 };
const run = operandoRun(plan);
const SAMPLE = 'LiCoO2-cell-1';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

/** A beamline in the middle of run `r`, and an agent that asks it. */
async function started(
  scanMs = 5,
): Promise<{ agent: Client; beamline: Beamline; measured: PublishedScan[] }> {
  const { topics } = await clientTopics(brokers);
  const beamline = await startBeamline({ brokers, kafka, topics, run, scanMs });
  const agent = await connect({ brokers, topics, name: 'agent' });
  open.push(agent, beamline);
  const measured: PublishedScan[] = [];
  measure(beamline, 'r', 6, measured);
  return { agent, beamline, measured };
}

/** As the replay does, without a broker: numbers of the scans, which are then measured. */
function measure(beamline: Beamline, runId: string, scans: number, into: PublishedScan[] = []): number[] {
  const planned = { runId, scans: plan.scans, onPublished: (scan: PublishedScan) => void into.push(scan) };
  const { nextNumber, onPublished } = beamline.measures(planned);
  return Array.from({ length: scans }, (_, i) => {
    const number = nextNumber!();
    onPublished(run.scanAt(i, { runId, startedAtMs: 0, endedAtMs: 0, number }).known);
    return number;
  });
}

const wanted = (over: Partial<NewRequest> = {}): NewRequest =>
  ({
    ...{ kind: 'more-scans', scans: 3, why: 'to try it', origin: 'REPLAY' },
    ...{ beamline: REPLAY_BEAMLINE, runId: 'r', sampleId: SAMPLE },
    ...over,
  }) as NewRequest;

async function endOf(agent: Client, over: Partial<NewRequest> = {}) {
  const asked = await agent.ask(wanted(over));
  return asked.end({ withinMs: 30_000 });
}

describe('the beamline of the demo', () => {
  test('measures what is asked for as the cell stands, and numbers it with the rest of the run', async () => {
    const { agent, beamline, measured } = await started();
    expect(measured).toHaveLength(6); // handed on
    const scanIds = ['r-asked-000000', 'r-asked-000001', 'r-asked-000002'];
    expect(await endOf(agent)).toMatchObject({ status: 'DONE', by: 'replay-beamline', scanIds });
    expect(await endOf(agent, { kind: 'rescan' })).toMatchObject({
      status: 'DONE',
      scanIds: ['r-asked-000003'],
    });
    expect(measure(beamline, 'next', 2)).toEqual([0, 1]);
  });

  test('refuses what it cannot do, with a sentence', async () => {
    const { agent, beamline } = await started();
    const refused = { status: 'REFUSED', reason: 'not-possible' };
    expect(await endOf(agent, { runId: 'another' })).toMatchObject(refused);
    expect(await endOf(agent, { sampleId: 'another' })).toMatchObject(refused);
    expect(await endOf(agent, { scans: 21 })).toMatchObject({
      ...refused,
      detail: 'Expected at most 20 scans, got 21',
    });
    expect(await endOf(agent, { kind: 'stop' })).toMatchObject({ status: 'REFUSED', reason: 'not-allowed' });
    measure(beamline, 'r', plan.scans); // to its end
    expect(await endOf(agent)).toMatchObject(refused);
  });

  test('one that the end of the run overtakes has failed', async () => {
    const { agent, beamline } = await started(500);
    const asked = await agent.ask(wanted({ scans: 20 }));
    expect(await asked.answer({ withinMs: 30_000 })).toMatchObject({ status: 'ACCEPTED' });
    measure(beamline, 'next', 1);
    expect(await asked.end({ withinMs: 30_000 })).toMatchObject({
      status: 'FAILED',
      detail: 'The run ended before',
    });
  });
});
