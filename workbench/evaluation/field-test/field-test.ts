import type { Bundle } from '../../../src/bundle/bundle.ts';
import { makeGate } from '../../../src/gating/gate.ts';
import type { MeasuredMeans } from '../../../src/gating/gate-table.ts';
import type { Judgement } from '../../../src/messages/judgement.ts';
import { MEAN_NAMES, type MeanName, WITHIN } from '../../../src/messages/prediction.ts';
import { fitSamples } from '../../calibration/fit-samples.ts';
import { crossFittedFolds, type Draws, type FoldCases, together } from '../../calibration/held-out-cases.ts';
import { TOLERANCE } from '../../calibration/judge-elements.ts';
import { makeGateTable } from '../../calibration/make-gate-table.ts';
import type { HeldOutSample } from '../../calibration/placed-samples.ts';
import type { Site } from '../../data/dataset.ts';

/** Descriptors of metals. */
export const VALUE_NAMES = [...MEAN_NAMES, 'CN2', 'NNRS', 'PSGO', 'MOOD'] as const;
type ValueName = (typeof VALUE_NAMES)[number];

export type Accepted = {
  /** Samples whose truth is known. */
  known: number;
  /** Of these, whose truth lies in its interval, and how wide intervals are together. */
  held: number;
  width: number;
  /** Of each that was accepted: its trust, and whether it is right. */
  readonly accepted: { readonly trust: number; readonly right: boolean }[];
};

const noneYet = (): Accepted => ({ known: 0, held: 0, width: 0, accepted: [] });

/** What the gate says of samples of one condition, of sites that neither the model nor the gate had seen. */
export type FieldRow = {
  readonly condition: string;
  readonly element: string;
  readonly samples: number;
  /** Accepted values: of these classes within a quarter of the true mean, and NNRS within its tolerance. */
  readonly values: Readonly<Record<ValueName, Accepted>>;
  /** Of copper sites whose label no charge balance establishes: accepted states, and how many agree with it. */
  readonly doubtfulOs: Accepted;
  /** How many true means lie in their intervals; how many means were accepted, and of these off by more. */
  readonly means: Readonly<
    Record<MeanName, { known: number; held: number; accepted: number; missed: number; error: number }>
  >;
  /** Samples of which anything at all was accepted. */
  readonly anything: number;
};

/**
 * Five folds by material: the gate's table is made from the other folds' cases, and asked of the fold that is left out,
 * whose materials its model had not seen either.
 */
export async function fieldTest(
  shipped: Bundle,
  learned: readonly Site[],
  nonOxides: readonly Site[],
  draws: Draws,
  measured: MeasuredMeans | null,
  crossFits?: readonly string[],
): Promise<FieldRow[]> {
  const folds: FoldCases[] = [];
  const metals = nonOxides.filter(({ kind }) => kind === 'metal');
  for await (const fold of crossFittedFolds(shipped, learned, nonOxides, draws, crossFits, metals))
    folds.push(fold);
  return rowsOfFolds(shipped, folds, measured);
}

/** The same of cases that were observed already. */
export function rowsOfFolds(
  { manifest }: Pick<Bundle, 'manifest'>,
  folds: readonly FoldCases[],
  measured: MeasuredMeans | null,
): FieldRow[] {
  const answered = folds.flatMap(({ fold, detectors, cases }) => {
    const others = together(folds.filter((each) => each.fold !== fold).map((each) => each.cases));
    const { table: ofSites } = makeGateTable(manifest, detectors, others, { madeFor: {} });
    const table = fitSamples(ofSites, others.samples, manifest.network.offsetsEv, measured);
    const gate = makeGate({ table, trainingEmbeddings: detectors.trainingEmbeddings });
    return cases.samples.map((sample) => ({ sample, judgement: gate(sample.prepared, sample.prediction) }));
  });
  const rows = new Map<string, Answered[]>();
  for (const each of answered) {
    const { site } = each.sample;
    for (const name of rowsFor(each.sample)) {
      const key = `${name}\n${site.element === 'Cu' ? 'Cu' : 'others'}`;
      const own = rows.get(key) ?? [];
      own.push(each);
      rows.set(key, own);
    }
  }
  return [...rows].map(([key, own]) => rowOf(key, own));
}

/** Names of the rows that a sample counts in: its condition's, and by what the gate sees of noise that is alike. */
function rowsFor({ condition: { name }, prepared }: HeldOutSample): string[] {
  if (name !== CORRELATED) return [name];
  return [name, `${name}, ${prepared.preparation.hasCorrelatedNoise ? 'noted' : 'not noted'}`];
}
const CORRELATED = 'correlated noise';

type Answered = { readonly sample: HeldOutSample; readonly judgement: Judgement };

function rowOf(key: string, answered: readonly Answered[]): FieldRow {
  const [condition, element] = key.split('\n') as [string, string];
  const values = VALUE_NAMES.map((name) => {
    const accepted = noneYet();
    for (const { sample, judgement } of answered) {
      const truth = sample.truth[name]?.mean;
      if (truth !== undefined) count(accepted, judgement, name, truth);
    }
    return [name, accepted] as const;
  });
  const tallies = MEAN_NAMES.map((name) => {
    const means = { known: 0, held: 0, accepted: 0, missed: 0, error: 0 };
    for (const { sample, judgement } of answered) {
      const truth = sample.truth[name]?.mean;
      if (truth === undefined) continue;
      const mean = judgement.means.find((each) => each.name === name)!;
      const held = truth >= mean.low && truth <= mean.high;
      means.known += 1;
      means.error += Math.abs(mean.value - truth);
      if (held) means.held += 1;
      if (mean.verdict === 'ACCEPT') {
        means.accepted += 1;
        if (!held) means.missed += 1;
      }
    }
    return [name, means] as const;
  });
  const doubtfulOs = noneYet();
  for (const { sample, judgement } of answered)
    if (sample.doubtfulOs !== null) count(doubtfulOs, judgement, 'OS', sample.doubtfulOs);
  return {
    condition,
    element,
    samples: answered.length,
    values: Object.fromEntries(values) as FieldRow['values'],
    doubtfulOs,
    means: Object.fromEntries(tallies) as FieldRow['means'],
    anything: answered.filter(({ judgement: { descriptors } }) =>
      descriptors.some(({ verdict }) => verdict === 'ACCEPT'),
    ).length,
  };
}

function count(counted: Accepted, { descriptors }: Judgement, name: ValueName, truth: number): void {
  const read = descriptors.find((each) => each.name === name);
  if (read === undefined) return;
  counted.known += 1;
  counted.width += read.high - read.low;
  if (truth >= read.low && truth <= read.high) counted.held += 1;
  if (read.verdict !== 'ACCEPT') return;
  const tolerance = TOLERANCE[name] ?? WITHIN;
  counted.accepted.push({ trust: read.trust!, right: Math.abs(read.value - truth) <= tolerance });
}
