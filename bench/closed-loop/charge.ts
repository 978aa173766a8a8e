import { decisions, type Goals } from '../../clients/typescript/examples/decide.ts';
import { random } from '../../demo/replay/random.ts';
import type { Scan } from '../../src/messages/scan.ts';
import type { Standard } from '../../src/messages/standard.ts';
import type { OpenChain } from '../../src/threads/open-chain.ts';
import { mean } from '../../workbench/report/statistics.ts';
import { cellScans } from '../cell-scans.ts';
import { asClient, type Judge, judgeWith } from './in-process.ts';
import { endedAt } from './short-scan.ts';

/** What becomes of a cell that is charged to a goal. */
export type Charged = {
  /** By how much its mean oxidation state is beyond the goal when it is stopped. */
  readonly beyond: number;
  readonly scans: number;
  readonly points: number;
};

/** What happens to a sample while it is measured. */
export type Course = {
  /** Its mean oxidation state after so many scans. */
  readonly stateAt: (scans: number) => number;
  readonly scanAt: (sequence: number) => Scan;
};

/** A cell whose charge nobody knows: where it begins, and how much of the current takes lithium out. */
type Cell = { readonly seed: number; readonly beganAt: number; readonly efficiency: number };

export const GOAL = 3.5;
export const NOISES = [0.002, 0.01, 0.02, 0.05] as const;
/** The agent's options: it stops by the mean of three accepted readings, and asks for nothing else. */
export const GOALS: Goals = {
  ...{ stopAt: GOAL, scans: 3, within: 0.5 },
  ...{ more: 1, accumulated: false, endAt: null },
};
/** Of the current, and of the lithium that is there at the beginning: what a plan reckons with, and what may be. */
export const EFFICIENCY = { from: 0.6, to: 1 } as const;
export const BEGINNING = { from: 0.8, to: 1 } as const;
/** Lithium that a scan's time takes out where all of the current does. */
export const PER_SCAN = 0.01;
const MOST_SCANS = 100;
const STANDARDS = Array.from({ length: 11 }, (_, i) => 1 - i / 10);

/** Standards of a former cell whose charge was known: a scan for each tenth of it. */
export function learnStandards(
  chain: Pick<OpenChain, 'learn'>,
  noise: number,
  toEv = Number.POSITIVE_INFINITY,
): void {
  chain.learn({ kind: 'no-standards' });
  for (const [i, lithium] of STANDARDS.entries()) {
    const plan = {
      seed: 9000 + i,
      runId: 'standards',
      sampleId: `x = ${lithium.toFixed(1)}`,
      secondsPerScan: 10,
    };
    const scan = endedAt(cellScans({ ...plan, lithiumAt: () => lithium, noiseAt: () => noise })(0), toEv);
    const standard: Standard = {
      ...{ standardId: plan.sampleId, beamline: scan.beamline, element: scan.element, edge: scan.edge, scan },
      ...{ validFromMs: 0, validUntilMs: null },
      known: { kind: 'mean-oxidation-state', value: 4 - lithium, uncertainty: 0.02 },
    };
    chain.learn({ kind: 'standard', standard });
  }
}

export const cellOf = (seed: number): Cell => {
  const chance = random(seed, 77);
  const within = ({ from, to }: { readonly from: number; readonly to: number }) =>
    from + (to - from) * chance.uniform();
  return { seed, beganAt: within(BEGINNING), efficiency: within(EFFICIENCY) };
};

const lithiumOf = ({ beganAt, efficiency }: Cell, scans: number): number =>
  Math.max(0, beganAt - efficiency * PER_SCAN * scans);

/** A fixed plan: so many scans of full length, and then the charge ends. */
export function byPlan(cells: number, scans: number): readonly Charged[] {
  const points = fullPoints();
  return Array.from({ length: cells }, (_, seed) => ({
    beyond: 4 - lithiumOf(cellOf(seed), scans) - GOAL,
    ...{ scans, points: scans * points },
  }));
}

/** The agent reads each scan and ends the charge. `endAt`: eV behind the edge, as its option. */
export async function byAgent(
  chain: OpenChain,
  noise: number,
  cells: number,
  endAt: number | null,
): Promise<readonly Charged[]> {
  const judge = judgeWith(chain);
  const charged: Charged[] = [];
  for (let seed = 0; seed < cells; seed += 1)
    charged.push(await endedByAgent(judge, cellCourse(seed, noise), GOAL, endAt));
  return charged;
}

/** What becomes of a sample that the agent measures until it stops at the goal, or for 100 scans. */
export async function endedByAgent(
  judge: Judge,
  { stateAt, scanAt }: Course,
  goal: number,
  endAt: number | null,
): Promise<Charged> {
  const decide = decisions({ ...GOALS, stopAt: goal, endAt });
  let [points, toEv] = [0, Number.POSITIVE_INFINITY];
  for (let taken = 1; ; taken += 1) {
    const scan = endedAt(scanAt(taken), toEv);
    points += scan.energyEv.length;
    const judged = await judge(scan);
    const wanted = judged === null ? [] : decide(asClient(judged.event));
    for (const request of wanted) if (request.kind === 'next-energy-range') toEv = request.toEv;
    if (taken === MOST_SCANS || wanted.some(({ kind }) => kind === 'stop'))
      return { beyond: stateAt(taken) - goal, scans: taken, points };
  }
}

export function cellCourse(seed: number, noise: number): Course {
  const cell = cellOf(seed);
  return { stateAt: (scans) => 4 - lithiumOf(cell, scans), scanAt: scansOf(cell, noise) };
}

const scansOf = (cell: Cell, noise: number): ((sequence: number) => Scan) =>
  cellScans({
    ...{ seed: cell.seed, runId: `charge-${cell.seed}`, sampleId: 'cell', secondsPerScan: 10 },
    ...{ lithiumAt: (sequence) => lithiumOf(cell, sequence), noiseAt: () => noise },
  });

const fullPoints = (): number => scansOf(cellOf(0), 0)(0).energyEv.length;

/** Root of the mean square of how far from the goal the cells are. */
export const errorOf = (charged: readonly Charged[]): number =>
  Math.sqrt(mean(charged.map(({ beyond }) => beyond ** 2)));
