import type { Prediction } from '../../../src/messages/prediction.ts';
import type { Site } from '../../data/dataset.ts';
import { type Answer, judgeSites, type Processor } from '../../evaluation/judge-sites.ts';
import { likeliest } from '../../evaluation/score.ts';
import { quantile } from '../../report/statistics.ts';
import { crossFitModels } from '../../training/cross-fit.ts';
import { ridge } from './ridge.ts';

/** What may tell a disordered site; the more, the more disordered. NaN where the model does not say. */
const SIGNS: Readonly<Record<string, (prediction: Prediction) => number>> = {
  'spread of bond lengths (NNRS), as predicted': ({ outputs }) => realOf(outputs.NNRS).mean,
  'uncertainty of NNRS, as predicted': ({ outputs }) => realOf(outputs.NNRS).sigma,
  'probability that sites differ': ({ siteMeans: means }) =>
    means === undefined ? Number.NaN : Math.max(means.OS.mixed, means.CN.mixed, means.OCN.mixed),
  'uncertainty of the mean CN': ({ siteMeans }) => siteMeans?.CN.sigma ?? Number.NaN,
  'mean CN away from the class': ({ siteMeans, outputs }) =>
    Math.abs(
      (siteMeans?.CN.mean ?? Number.NaN) - (outputs.CN === undefined ? Number.NaN : likeliest(outputs.CN)),
    ),
};
const ALL_SIGNS = 'all five, weighed on crystals and the other cells';
const PENALTY = 1;

/** What a sign would do if values beyond its limit were flagged. */
export type SignRow = {
  readonly sign: string;
  /** The 95th percentile of held-out crystals; null where it differs from cell to cell. */
  readonly limit: number | null;
  /** Of all amorphous sites. */
  readonly beyond: number;
  /** Of the accepted values of CN: how many would still be, and how many of these are right. */
  readonly accepted: number;
  readonly right: number;
};

/**
 * Each sign with the limit that leaves 95% of the crystals: of what the models of the cross-fit say of families that
 * they have not seen. Then all together, as a line between crystals and the amorphous sites of other cells.
 * @param amorphous what the processor says as it is
 */
export function signsOfDisorder(
  amorphous: readonly Answer[],
  crystals: readonly Prediction[],
): readonly SignRow[] {
  const whole = crystals.filter((each) => signsOf(each).every(Number.isFinite));
  const novelty = ({ judgement }: Answer) =>
    judgement!.outOfDistributionScore / judgement!.outOfDistributionLimit;
  const single = Object.entries(SIGNS).map(([sign, of]) => {
    const limit = quantile(whole.map(of), 0.95);
    return rowOf(amorphous, sign, limit, ({ prediction }) => of(prediction) > limit);
  });
  return [
    rowOf(amorphous, 'out-of-distribution score over its limit, in force', 1, (each) => novelty(each) > 1),
    ...single,
    rowOf(amorphous, ALL_SIGNS, null, beyondTogether(amorphous, whole)),
  ];
}

const signsOf = (prediction: Prediction) => Object.values(SIGNS).map((of) => of(prediction));

/** Whether a site lies beyond 95% of the crystals on a line that was drawn without its cell. */
function beyondTogether(
  amorphous: readonly Answer[],
  crystals: readonly Prediction[],
): (answer: Answer) => boolean {
  const ordered = crystals.map((each) => ({ features: signsOf(each), truth: 0 }));
  const byCell = new Map(
    [...new Set(amorphous.map(({ site }) => site.material))].map((cell) => {
      const others = amorphous.filter(({ site }) => site.material !== cell);
      const disordered = others.map(({ prediction }) => ({ features: signsOf(prediction), truth: 1 }));
      const read = ridge([...ordered, ...disordered], PENALTY);
      return [
        cell,
        {
          read,
          limit: quantile(
            ordered.map(({ features }) => read(features)),
            0.95,
          ),
        },
      ];
    }),
  );
  return ({ site, prediction }) => {
    const { read, limit } = byCell.get(site.material)!;
    return read(signsOf(prediction)) > limit;
  };
}

function rowOf(
  amorphous: readonly Answer[],
  sign: string,
  limit: number | null,
  isBeyond: (answer: Answer) => boolean,
): SignRow {
  const left = acceptedCn(amorphous).filter((answer) => !isBeyond(answer));
  return {
    ...{ sign, limit },
    beyond: amorphous.filter(isBeyond).length,
    accepted: left.length,
    right: left.filter(isRight).length,
  };
}

/** What the models of a cross-fit say of the crystals of their fold. */
export async function heldOutCrystals(
  { model, prepare }: Processor,
  crystals: readonly Site[],
): Promise<Prediction[]> {
  const found: Prediction[] = [];
  for await (const { held, model: fold } of crossFitModels(model.manifest)) {
    const stages = { model: fold, prepare, gate: null, level: null, tolerances: {}, notes: [] };
    const { answers } = await judgeSites(stages, held(crystals), { perturbation: {}, seed: 1, draws: 1 });
    found.push(...answers.map(({ prediction }) => prediction));
  }
  return found;
}

function acceptedCn(answers: readonly Answer[]): Answer[] {
  return answers.filter(({ judgement }) =>
    judgement?.descriptors.some(({ name, verdict }) => name === 'CN' && verdict === 'ACCEPT'),
  );
}

function isRight({ site, judgement }: Answer): boolean {
  return judgement?.descriptors.find(({ name }) => name === 'CN')?.value === site.labels.CN;
}

const NOTHING = { mean: Number.NaN, sigma: Number.NaN };
const realOf = (output: Prediction['outputs']['NNRS']) => (output?.kind === 'real' ? output : NOTHING);
