import type { Client } from '@xanes-stream/client';
import { decisions } from '../../clients/typescript/examples/decide.ts';
import type { Standard } from '../../src/messages/standard.ts';
import { publishStandards } from '../../src/producers/publish-standards.ts';
import { type Charged, cellCourse, GOAL, GOALS, learnStandards } from './charge.ts';
import { overBroker } from './live.ts';

/**
 * Cells that are charged over a real broker, one after the other, until the agent asks for a stop. A scan takes longer
 * than its judgement, so that the next begins when it is known that no stop follows from the one before; a stop that
 * follows must have been asked by the agent.
 */
export const chargedLive = (
  brokers: readonly string[],
  prefix: string,
  noise: number,
  cells: number,
): Promise<readonly Charged[]> =>
  overBroker(
    brokers,
    prefix,
    ['--from-beginning', '--more', '1', '--stop-at', String(GOAL)].concat([
      ...['--within', String(GOALS.within), '--scans', String(GOALS.scans)],
    ]),
    ({ kafka, standardsTopic }) => publishStandards(kafka, standardsTopic, standardsAt(noise)),
    ({ xanes }) => charge(xanes, noise, cells),
  );

function standardsAt(noise: number): Standard[] {
  const learned: Standard[] = [];
  learnStandards({ learn: (told) => void (told.kind === 'standard' && learned.push(told.standard)) }, noise);
  return learned;
}

async function charge(xanes: Client, noise: number, cells: number): Promise<readonly Charged[]> {
  const ending = new AbortController();
  const { signal } = ending;
  const stops = stopped(xanes, signal);
  const events = xanes.descriptors({ from: 'beginning', replay: true, signal })[Symbol.asyncIterator]();
  const decide = decisions({ ...GOALS, stopAt: GOAL });
  /** Decides on events until that of the scan has come: means of repeats may come between. */
  async function isStoppedBy(scanId: string): Promise<boolean> {
    for (;;) {
      const { value: event } = await events.next();
      if (!event) throw new Error(`Expected the event of ${scanId}, got the end of the topic`);
      if (decide(event).some(({ kind }) => kind === 'stop')) return true;
      if (event.scanId === scanId) return false;
    }
  }
  const charged: Charged[] = [];
  for (let seed = 0; seed < cells; seed += 1) {
    const { stateAt, scanAt } = cellCourse(seed, noise);
    let points = 0;
    for (let taken = 1; ; taken += 1) {
      const { startedAtMs, endedAtMs, ...scan } = scanAt(taken);
      points += scan.energyEv.length;
      await xanes.publishScan({ ...scan, startedAt: startedAtMs, endedAt: endedAtMs });
      if (!(await isStoppedBy(scan.scanId))) continue;
      await stops.of(scan.runId);
      charged.push({ beyond: stateAt(taken) - GOAL, scans: taken, points });
      break;
    }
  }
  ending.abort();
  await stops.ended;
  return charged;
}

/** Does the stops that are asked for. */
function stopped(xanes: Client, signal: AbortSignal) {
  const runs = new Set<string | null>();
  let tell = () => {};
  const ended = (async () => {
    for await (const received of xanes.requests({
      beamline: 'bench',
      kinds: ['stop'],
      replay: true,
      signal,
    })) {
      await received.accept();
      await received.done({});
      runs.add(received.request.runId);
      tell();
    }
  })();
  return {
    ended,
    async of(runId: string): Promise<void> {
      while (!runs.has(runId))
        await new Promise<void>((resolve) => {
          tell = resolve;
        });
    },
  };
}
