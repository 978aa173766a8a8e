import { FatalError } from '../../../src/common/errors.ts';
import type { Prediction } from '../../../src/messages/prediction.ts';
import type { Site } from '../../data/dataset.ts';
import { type Answer, judgeSites, type Processor } from '../../evaluation/judge-sites.ts';
import { likeliest } from '../../evaluation/score.ts';
import { quantile } from '../../report/statistics.ts';
import { crossFitModels } from '../../training/cross-fit.ts';
import { AS_THEY_ARE } from './learn-by-cell.ts';
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
const EMBEDDING = 'the embedding, by a classifier that saw the other cells';
const PENALTY = 1;
const EMBEDDING_PENALTY = 100;

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
 * they have not seen. Then what can be learned from amorphous sites of other cells: a line between them and crystals,
 * by all signs, and by the embedding, as the gate's classifier of non-oxides is one.
 * @param amorphous what the processor says as it is
 * @throws FatalError where no model of the cross-fit says all that the signs are made of
 */
export function signsOfDisorder(
  amorphous: readonly Answer[],
  folds: readonly FoldView[],
): readonly SignRow[] {
  const crystals = folds.flatMap(({ held }) => held).filter((each) => signsOf(each).every(Number.isFinite));
  if (crystals.length === 0)
    throw new FatalError('Expected models of the cross-fit that read means over sites: run train-site-means');
  const novelty = ({ judgement }: Answer) =>
    judgement!.outOfDistributionScore / judgement!.outOfDistributionLimit;
  const single = Object.entries(SIGNS).map(([sign, of]) => {
    const limit = quantile(crystals.map(of), 0.95);
    return rowOf(amorphous, sign, limit, ({ prediction }) => of(prediction) > limit);
  });
  return [
    rowOf(amorphous, 'out-of-distribution score over its limit, in force', 1, (each) => novelty(each) > 1),
    ...single,
    rowOf(amorphous, ALL_SIGNS, null, beyondTogether(amorphous, crystals)),
    rowOf(amorphous, EMBEDDING, null, beyondByEmbedding(amorphous, folds)),
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

/**
 * The same on the embedding: each model of the cross-fit draws its line by the crystals that it has seen, the limit by
 * those that it has not; most of the models decide.
 */
function beyondByEmbedding(
  amorphous: readonly Answer[],
  folds: readonly FoldView[],
): (answer: Answer) => boolean {
  const cellOf = new Map(amorphous.map(({ site }) => [site.id, site.material]));
  const votes = new Map<string, number>();
  for (const { seen, held, disordered } of folds) {
    const ordered = seen.map(({ embedding }) => ({ features: [...embedding], truth: 0 }));
    for (const cell of new Set(cellOf.values())) {
      const others = [...disordered].filter(([id]) => cellOf.get(id) !== cell);
      const rows = others.map(([, { embedding }]) => ({ features: [...embedding], truth: 1 }));
      const read = ridge([...ordered, ...rows], EMBEDDING_PENALTY);
      const limit = quantile(
        held.map(({ embedding }) => read([...embedding])),
        0.95,
      );
      for (const [id, { embedding }] of disordered)
        if (cellOf.get(id) === cell && read([...embedding]) > limit) votes.set(id, (votes.get(id) ?? 0) + 1);
    }
  }
  return ({ site }) => (votes.get(site.id) ?? 0) > folds.length / 2;
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

/** What one model of the cross-fit says. */
export type FoldView = {
  /** Of crystals of families that it has seen, and has not. */
  readonly seen: readonly Prediction[];
  readonly held: readonly Prediction[];
  /** Of amorphous sites, by id. */
  readonly disordered: ReadonlyMap<string, Prediction>;
};

/** What each model of the cross-fit says of crystals and of amorphous sites, in turn. */
export async function viewsOfFolds(
  { model, prepare }: Processor,
  crystals: readonly Site[],
  amorphous: readonly Site[],
): Promise<FoldView[]> {
  const views: FoldView[] = [];
  for await (const { held, others, model: fold } of crossFitModels(model.manifest)) {
    const stages = { model: fold, prepare, gate: null, level: null, tolerances: {}, notes: [] };
    const said = async (sites: readonly Site[]) => (await judgeSites(stages, sites, AS_THEY_ARE)).answers;
    const ofCrystals = async (sites: readonly Site[]) =>
      (await said(sites)).map(({ prediction }) => prediction);
    views.push({
      seen: await ofCrystals(others(crystals)),
      held: await ofCrystals(held(crystals)),
      disordered: new Map((await said(amorphous)).map(({ site, prediction }) => [site.id, prediction])),
    });
  }
  return views;
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
