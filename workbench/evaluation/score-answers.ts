import { DESCRIPTOR_NAMES, DESCRIPTORS, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { JudgedDescriptor } from '../../src/messages/judgement.ts';
import { mean } from '../report/statistics.ts';
import { calibrationError, calibrationErrorByChance } from './calibration-error.ts';
import type { Answer, Answers, Processor } from './judge-sites.ts';
import { expectedOf, scoreDescriptors } from './score.ts';

/** Figures of the gate; null without a gate, and where there is nothing to take a share of. */
type Trust = {
  /** Of the labelled sites: how many of their values are accepted. */
  readonly share: number | null;
  /** Of the accepted ones: how many are right; a real within the tolerance of the gate's table. */
  readonly acceptedAccuracy: number | null;
  /** Of all labelled sites: how many true values lie inside the stated interval, from low to high. */
  readonly coverage: number | null;
};

export type ClassFigures = Trust & {
  readonly n: number;
  /** Of the plain prediction, weighted by how often a class is true. */
  readonly f1: number | null;
  readonly macroF1: number | null;
  readonly accuracy: number | null;
  /** Weighted F1 of always saying the most frequent class. */
  readonly majorityF1: number | null;
  /** Expected calibration error of the confidence that the gate publishes. */
  readonly ece: number | null;
  /** What that would be by chance, for so many sites, if the confidence were exact. */
  readonly eceByChance: number | null;
};

export type RealFigures = Trust & {
  readonly n: number;
  readonly r2: number | null;
  readonly mae: number | null;
  /** Mean width of the stated interval. */
  readonly width: number | null;
};

export type Figures = Readonly<Partial<Record<DescriptorName, ClassFigures | RealFigures>>>;

/** Every descriptor that some site has a label of, refused sites included: its n is then 0 and the rest null. */
export function scoreAnswers(
  { answers, refused }: Answers,
  { tolerances }: Pick<Processor, 'tolerances'>,
): Figures {
  const plain = scoreDescriptors(
    answers.map(({ prediction }) => prediction),
    answers.map(({ site }) => site.labels),
  );
  const labelled = DESCRIPTOR_NAMES.filter((name) =>
    [...answers, ...refused].some(({ site }) => site.labels[name] !== undefined),
  );
  return Object.fromEntries(
    labelled.map((name) => {
      const score = plain.find((each) => each.name === name);
      const rows = answers.flatMap((answer) => judgedOf(answer, name));
      const tolerance = tolerances[name] ?? 0;
      const right = ({ truth, said }: Judged) => Math.abs(said.value - truth) <= tolerance;
      const accepted = rows.filter(({ said }) => said.verdict === 'ACCEPT');
      const trust: Trust = {
        share: share(accepted, rows),
        acceptedAccuracy: share(accepted.filter(right), accepted),
        coverage: share(
          rows.filter(({ truth, said }) => said.low <= truth && truth <= said.high),
          rows,
        ),
      };
      if (DESCRIPTORS[name].kind === 'class') {
        const {
          count: n,
          weightedF1: f1,
          macroF1,
          accuracy,
        } = score?.kind === 'class' ? score.model : NOTHING;
        const majorityF1 = score?.kind === 'class' ? score.majority.weightedF1 : null;
        const confidences = rows.map((row) => ({ confidence: row.said.confidence!, right: right(row) }));
        const ece = figure(calibrationError(confidences));
        const eceByChance = figure(calibrationErrorByChance(rows.map(({ said }) => said.confidence!)));
        return [name, { n, f1, macroF1, accuracy, majorityF1, ...trust, ece, eceByChance }];
      }
      const { count: n, r2, mae } = score?.kind === 'real' ? score.model : NOTHING;
      const width = figure(rows.reduce((sum, { said }) => sum + said.high - said.low, 0) / rows.length);
      return [name, { n, r2: r2 === null ? null : figure(r2), mae, ...trust, width }];
    }),
  );
}

const NOTHING = { count: 0, weightedF1: null, macroF1: null, accuracy: null, r2: null, mae: null };

/** Mean of the weighted F1 and R2 of all descriptors. */
export function overall(figures: Figures): number {
  const values = Object.values(figures).flatMap((each) => plainFigure(each) ?? []);
  return mean(values);
}

/** Weighted F1, or R2. */
export function plainFigure(figures: ClassFigures | RealFigures): number | null {
  return 'r2' in figures ? figures.r2 : figures.f1;
}

/** For a series of mixtures: sites that share a composition are averaged, as a measurement of it would. */
export function meanOxidationStates(answers: readonly Answer[]) {
  const groups = new Map<number, number[]>();
  for (const { site, prediction, judgement } of answers) {
    const { meanOxidationState: truth } = site;
    const said = judgement?.descriptors.find(({ name }) => name === 'OS')?.expected;
    const plain = prediction.outputs.OS;
    if (truth === null || plain === undefined) continue;
    groups.set(truth, [...(groups.get(truth) ?? []), said ?? expectedOf(plain)]);
  }
  return [...groups].map(([truth, values]) => {
    return { truth, predicted: mean(values), sites: values.length };
  });
}

type Judged = { readonly truth: number; readonly said: JudgedDescriptor };

function judgedOf({ site, judgement }: Answer, name: DescriptorName): Judged[] {
  const truth = site.labels[name];
  const said = judgement?.descriptors.find((each) => each.name === name);
  return truth === undefined || said === undefined ? [] : [{ truth, said }];
}

const share = (kept: readonly unknown[], of: readonly unknown[]): number | null =>
  figure(kept.length / of.length);

const figure = (value: number): number | null => (Number.isFinite(value) ? value : null);
