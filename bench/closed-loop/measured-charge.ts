import { random } from '../../demo/replay/random.ts';
import type { Scan } from '../../src/messages/scan.ts';
import type { OpenChain } from '../../src/threads/open-chain.ts';
import { anyNoise, type Sample } from './certainty.ts';
import { BEGINNING, type Charged, cellOf, endedByAgent, errorOf, PER_SCAN } from './charge.ts';
import { judgeWith } from './in-process.ts';
import type { MeasuredSeries } from './measured-series.ts';
import { endedAt } from './short-scan.ts';

/** Added to what was measured. */
export const ADDED_NOISES = [0, 0.01, 0.02] as const;
/** eV behind the edge, of scans that end early. */
const SHORT_EV = 30;

/** Samples at any state of the series, of which an accepted mean oxidation state is wanted. */
export const samplesAlong = (series: MeasuredSeries, count: number): readonly Sample[] =>
  Array.from({ length: count }, (_, seed) => {
    const chance = random(seed, 80);
    const state = series.low + (series.high - series.low) * chance.uniform();
    const noise = anyNoise(chance);
    const runId = `${series.name}-sample-${seed}`;
    return {
      runId,
      scanAt: (sequence) => numbered(series.scanAt(state, { noise, seed, sequence }), runId, sequence),
      rightOf({ means }) {
        const mean = means.find(({ name }) => name === 'OS');
        return mean?.verdict === 'ACCEPT' ? mean.low <= state && state <= mean.high : null;
      },
    };
  });

export const goalOf = ({ low, high }: MeasuredSeries): number => (low + high) / 2;

/** How far along the series a sample is after so many scans: as the demo's cell is discharged, from 0 to 1. */
function stateOf({ low, high }: MeasuredSeries, seed: number, scans: number): number {
  const { beganAt, efficiency } = cellOf(seed);
  return low + (high - low) * Math.min(1, BEGINNING.to - beganAt + efficiency * PER_SCAN * scans);
}

/** The plan of so many scans whose error is the least, of those given. */
export function byBestPlan(
  series: MeasuredSeries,
  samples: number,
  plans: readonly number[],
): readonly Charged[] {
  const points = series.standards[0]!.scan.energyEv.length;
  const results = plans.map((scans) =>
    Array.from({ length: samples }, (_, seed) => ({
      beyond: stateOf(series, seed, scans) - goalOf(series),
      ...{ scans, points: scans * points },
    })),
  );
  return results.reduce((best, each) => (errorOf(each) < errorOf(best) ? each : best));
}

/** The agent reads each scan between two standards, scans of the series' own ends, and stops at the goal. */
export async function byAgent(
  chain: OpenChain,
  series: MeasuredSeries,
  noise: number,
  samples: number,
  isShort: boolean,
): Promise<readonly Charged[]> {
  const judge = judgeWith(chain);
  const toEv = isShort ? series.e0Ev + SHORT_EV : Number.POSITIVE_INFINITY;
  learnEnds(chain, series, toEv);
  const ended: Charged[] = [];
  for (let seed = 0; seed < samples; seed += 1) {
    const stateAt = (scans: number) => stateOf(series, seed, scans);
    const scanAt = (sequence: number): Scan =>
      numbered(
        series.scanAt(stateAt(sequence), { noise, seed, sequence }),
        `${series.name}-${seed}`,
        sequence,
      );
    ended.push(await endedByAgent(judge, { stateAt, scanAt }, goalOf(series), isShort ? SHORT_EV : null));
  }
  return ended;
}

/** Scans of the series' own ends are the standards that others are read between. */
export function learnEnds(
  chain: Pick<OpenChain, 'learn'>,
  { standards }: MeasuredSeries,
  toEv = Number.POSITIVE_INFINITY,
): void {
  chain.learn({ kind: 'no-standards' });
  for (const { state, scan } of standards) {
    const standard = endedAt(named(scan, 'standards'), toEv);
    chain.learn({
      kind: 'standard',
      standard: {
        ...{
          standardId: `state ${state}`,
          beamline: standard.beamline,
          element: scan.element,
          edge: scan.edge,
        },
        ...{ scan: standard, validFromMs: 0, validUntilMs: null },
        known: { kind: 'mean-oxidation-state', value: state, uncertainty: 0.05 },
      },
    });
  }
}

const numbered = (scan: Scan, runId: string, sequence: number): Scan => ({
  ...named(scan, runId),
  ...{ scanId: `${runId}-${sequence}`, sequence },
});

const named = (scan: Scan, runId: string): Scan => ({
  ...scan,
  runId,
  sampleId: 'sample',
  beamline: 'bench',
});
