import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pythonWith } from '../../../python/python-with.ts';
import { ROOT } from '../../docs/documents.ts';
import { simulatedBeamline, WITHIN_MS } from './queueserver/simulated-beamline.ts';

// blop's optimiser with simulated devices and our processor: how much lithium leaves the cell at a wanted state.

const HERE = join(import.meta.dirname, 'queueserver');
const GOAL = 3.4;
/** As many evenly spaced ones would come within 0.056 of any state. */
const SCANS = 10;
const CLOSE = 0.1;

const closers: (() => Promise<unknown>)[] = [];
let python: string;
beforeAll(async () => {
  python = await pythonWith({ requirements: join(HERE, 'optimiser.txt'), home: 'optimiser' });
}, WITHIN_MS);
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

type Tried = { readonly lithium: number; readonly distance: number };

test(
  'blop finds how much lithium a wanted oxidation state leaves',
  async () => {
    const { brokers, documents } = await simulatedBeamline(closers);
    const { stdout } = await promisify(execFile)(python, [join(HERE, 'optimise.py')], {
      env: {
        ...process.env,
        ...{ BROKERS: brokers.join(), DOCUMENTS: documents, EXPERIMENT: 'optimise' },
        ...{ SERIES: join(ROOT, 'data/li-x-coo2/series.jsonl'), GOAL: String(GOAL), SCANS: String(SCANS) },
        ...{
          PYTHONPATH: join(ROOT, 'clients/python/src'),
          PYTHONDONTWRITEBYTECODE: '1',
          OMP_NUM_THREADS: '1',
        },
      },
    });
    const { tried, best } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { tried: Tried[]; best: Tried };
    console.info(
      tried.map(({ lithium, distance }) => `${lithium.toFixed(3)} ${distance.toFixed(3)}`).join(', '),
    );
    expect(tried).toHaveLength(SCANS);
    expect(best.distance).toBeLessThan(CLOSE);
    expect(Math.abs(4 - best.lithium - GOAL)).toBeLessThan(1.5 * CLOSE); // by what is true, not by what was read
  },
  WITHIN_MS,
);
