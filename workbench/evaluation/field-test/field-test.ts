import type { Bundle } from '../../../src/bundle/bundle.ts';
import { makeGate } from '../../../src/gating/gate.ts';
import type { MeasuredMeans } from '../../../src/gating/gate-table.ts';
import type { Judgement } from '../../../src/messages/judgement.ts';
import { MEAN_NAMES, type MeanName, WITHIN } from '../../../src/messages/prediction.ts';
import { fitCorrelatedNoise } from '../../calibration/fit-correlated-noise.ts';
import { fitMeans, type HeldOutSample } from '../../calibration/fit-means.ts';
import { crossFittedFolds, type Draws, type FoldCases, together } from '../../calibration/held-out-cases.ts';
import { makeGateTable } from '../../calibration/make-gate-table.ts';
import type { Site } from '../../data/dataset.ts';

export type Accepted = {
  /** Samples whose truth is known. */
  known: number;
  /** Of each that was accepted: its trust, and whether it is right. */
  readonly accepted: { readonly trust: number; readonly right: boolean }[];
};

const noneYet = (): Accepted => ({ known: 0, accepted: [] });

/** What the gate says of samples of one condition, of sites that neither the model nor the gate had seen. */
export type FieldRow = {
  readonly condition: string;
  readonly element: string;
  readonly samples: number;
  /** Accepted classes, and how many of these lie within a quarter of the true mean. */
  readonly classes: Readonly<Record<MeanName, Accepted>>;
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
    const { offsetsEv } = manifest.network;
    const ofMeans = fitMeans(ofSites, others.samples, offsetsEv, measured);
    const table = fitCorrelatedNoise(ofMeans, others.samples, offsetsEv);
    const gate = makeGate({ table, trainingEmbeddings: detectors.trainingEmbeddings });
    return cases.samples.map((sample) => ({ sample, judgement: gate(sample.prepared, sample.prediction) }));
  });
  const keyOf = ({ condition, site }: HeldOutSample) =>
    `${condition.name}\n${site.element === 'Cu' ? 'Cu' : 'others'}`;
  const keys = [...new Set(answered.map(({ sample }) => keyOf(sample)))];
  return keys.map((key) =>
    rowOf(
      key,
      answered.filter(({ sample }) => keyOf(sample) === key),
    ),
  );
}

type Answered = { readonly sample: HeldOutSample; readonly judgement: Judgement };

function rowOf(key: string, answered: readonly Answered[]): FieldRow {
  const [condition, element] = key.split('\n') as [string, string];
  const tallies = MEAN_NAMES.map((name) => {
    const classes = noneYet();
    const means = { known: 0, held: 0, accepted: 0, missed: 0, error: 0 };
    for (const { sample, judgement } of answered) {
      const truth = sample.truth[name]?.mean;
      if (truth === undefined) continue;
      count(classes, judgement, name, truth);
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
    return [name, { classes, means }] as const;
  });
  const doubtfulOs = noneYet();
  for (const { sample, judgement } of answered)
    if (sample.doubtfulOs !== null) count(doubtfulOs, judgement, 'OS', sample.doubtfulOs);
  const of = <K extends 'classes' | 'means'>(kind: K) =>
    Object.fromEntries(tallies.map(([name, tally]) => [name, tally[kind]])) as unknown as FieldRow[K];
  return {
    condition,
    element,
    samples: answered.length,
    classes: of('classes'),
    doubtfulOs,
    means: of('means'),
    anything: answered.filter(({ judgement: { descriptors } }) =>
      descriptors.some(({ name, verdict }) => MEAN_NAMES.includes(name as MeanName) && verdict === 'ACCEPT'),
    ).length,
  };
}

function count(counted: Accepted, { descriptors }: Judgement, name: MeanName, truth: number): void {
  const read = descriptors.find((each) => each.name === name)!;
  counted.known += 1;
  if (read.verdict !== 'ACCEPT') return;
  counted.accepted.push({ trust: read.trust!, right: Math.abs(read.value - truth) <= WITHIN });
}
