import type { Descriptors } from '@xanes-stream/client';
import { decisions, type Goals } from '../../clients/typescript/examples/decide.ts';
import { type Random, random } from '../../demo/replay/random.ts';
import { addRepeat, meanOf as meanOfSums, sumsOf } from '../../src/accumulation/repeat-sums.ts';
import { NO_CHANNELS, type Scan } from '../../src/messages/scan.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { plainAbsorption } from '../../src/spectra/absorption.ts';
import type { OpenChain } from '../../src/threads/open-chain.ts';
import type { WireDescriptors } from '../../src/wire/generated.ts';
import { cellScans } from '../cell-scans.ts';
import { asClient, type Judge, judgeWith, repeats } from './in-process.ts';
import { endedAt } from './short-scan.ts';

/** What was spent on a sample, and what came of it. */
export type Measured = {
  readonly scans: number;
  readonly points: number;
  /** Whether what is wanted was accepted and is right; null: it was not accepted. */
  readonly right: boolean | null;
};

/** Standard deviation of one point of a sample's scans: any in this range, alike on a logarithmic scale. */
export const NOISE = { from: 0.02, to: 0.25 } as const;
/** Cobalt in Li_xCoO2 has six neighbours, whatever its charge. */
const NEIGHBOURS = 6;
const { ACCUMULATE_MOST: MOST } = readConfig({});
/** The agent's options: it asks for two scans at a time at the most, and stops nothing. */
export const GOALS: Goals = { stopAt: 9, scans: 3, within: 0.25, more: 2, accumulated: true, endAt: null };

export type Sample = {
  readonly runId: string;
  readonly scanAt: (sequence: number) => Scan;
  /** What an event says of what is wanted: whether it is right; null: it is not accepted. */
  readonly rightOf: (event: Pick<WireDescriptors, 'descriptors' | 'means'> | Descriptors) => boolean | null;
};

/** Cells of the demo, of which a coordination number is wanted. */
export const cells = (count: number): readonly Sample[] =>
  Array.from({ length: count }, (_, seed) => cell(seed));

/** A noise that nobody knows beforehand. */
export const anyNoise = (chance: Random): number => NOISE.from * (NOISE.to / NOISE.from) ** chance.uniform();

function cell(seed: number): Sample {
  const chance = random(seed, 78);
  const lithium = chance.uniform();
  const noise = anyNoise(chance);
  const plan = { seed: 500 + seed, runId: `samples-${seed}`, sampleId: 'sample', secondsPerScan: 10 };
  return {
    runId: plan.runId,
    scanAt: cellScans({ ...plan, lithiumAt: () => lithium, noiseAt: () => noise }),
    rightOf({ descriptors }) {
      const neighbours = descriptors.find(({ name }) => name === 'CN');
      return neighbours?.verdict === 'ACCEPT' ? neighbours.value === NEIGHBOURS : null;
    },
  };
}

/** As many scans of each sample, whose mean is judged. */
export async function byPlan(
  chain: OpenChain,
  samples: readonly Sample[],
  scans: number,
): Promise<readonly Measured[]> {
  const judge = judgeWith(chain);
  const measured: Measured[] = [];
  for (const { scanAt, rightOf } of samples) {
    const taken = Array.from({ length: scans }, (_, i) => scanAt(i));
    const judged = await judge(meanOf(taken));
    measured.push({ scans, points: pointsOf(taken), right: judged && rightOf(judged.event) });
  }
  return measured;
}

/** The agent asks for more scans of a sample as long as noise is in the way, and they are averaged. */
export async function byAgent(
  chain: OpenChain,
  samples: readonly Sample[],
  toEv = Number.POSITIVE_INFINITY,
): Promise<readonly Measured[]> {
  const judge = judgeWith(chain);
  const measured: Measured[] = [];
  for (const sample of samples) measured.push(await measureSample(judge, sample, toEv));
  return measured;
}

async function measureSample(judge: Judge, { scanAt, rightOf }: Sample, toEv: number): Promise<Measured> {
  const decide = decisions(GOALS);
  const averaged = repeats(judge, MOST);
  const taken: Scan[] = [];
  let right: boolean | null = null;
  for (let due = 1; due > 0 && taken.length < MOST; due -= 1) {
    const scan = endedAt(scanAt(taken.length), toEv);
    taken.push(scan);
    for (const event of await averaged.measured(scan)) {
      right = rightOf(event) ?? right;
      for (const request of decide(asClient(event))) if (request.kind === 'more-scans') due += request.scans;
    }
  }
  return { scans: taken.length, points: pointsOf(taken), right };
}

function meanOf([first, ...others]: readonly Scan[]): Scan {
  if (others.length === 0) return first!;
  const repeatOf = (scan: Scan) => ({
    energyEv: scan.energyEv,
    mu: plainAbsorption(scan),
    muReference: null,
  });
  const sums = others.reduce((sum, scan) => addRepeat(sum, repeatOf(scan), 1)!, sumsOf(repeatOf(first!), 1));
  return { ...first!, ...NO_CHANNELS, mode: 'MU', ...meanOfSums(sums) };
}

export const pointsOf = (scans: readonly Scan[]): number =>
  scans.reduce((sum, { energyEv }) => sum + energyEv.length, 0);
