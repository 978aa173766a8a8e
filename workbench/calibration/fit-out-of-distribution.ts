import {
  type OutlierOdds,
  type OutOfDistributionLimits,
  outOfDistributionScore,
} from '../../src/gating/out-of-distribution.ts';
import type { OutlierClassifier } from '../../src/gating/outlier-classifier.ts';
import { standardised, type TrainingEmbeddings } from '../../src/gating/training-embeddings.ts';
import type { ElementReference, EnergyGrid, ModelInput } from '../../src/messages/prepared.ts';
import type { Model } from '../../src/model/load-model.ts';
import type { Site } from '../data/dataset.ts';
import type { Random } from '../data/random.ts';
import { type Augmentation, augmenter } from '../training/augment.ts';
import { conformalQuantile } from './conformal-quantile.ts';
import { fitLogistic } from './fit-logistic.ts';
import { OUTLIER_KINDS, type OutlierKind, outlierSpectrum } from './outlier-spectra.ts';

/** Measurements differ from theory by more than the network is trained for; the classifier must not mind. */
const VARIED: Augmentation = {
  noise: 0.1,
  broadeningEv: { feff9: 1.2, feff10: 1.5 },
  shiftEv: 0.7,
  gain: 0.03,
  tilt: 0.03,
  offset: 0.01,
  truncation: 0.5,
};
/** Of each element, so many oxides and as many spectra that are none. */
const EXAMPLES = 700;
const PENALTY = 100;
/** Turns that computed non-oxides have among those examples, beside one of each kind of distortion. */
const NON_OXIDE_TURNS = 3;

/** Whether none of a site's neighbours is oxygen: computed in an oxide, and yet no site of one. */
export function withoutOxygen(site: Site): boolean {
  return site.labels.OCN === 0;
}

/**
 * A spectrum as another element's would be, laid so that the edges of the two metals meet: metals and sulphides of the
 * 3d elements look alike from one to the next, and of some there are few.
 */
export function asIfOf(
  reference: ElementReference,
  site: Site,
  references: readonly ElementReference[],
): Site {
  const own = references.find(({ element }) => element === site.element)!;
  const shiftEv =
    reference.foilE0Ev -
    own.foilE0Ev +
    (own.shiftsEv[site.scale] ?? 0) -
    (reference.shiftsEv[site.scale] ?? 0);
  return { ...site, element: reference.element, energyEv: site.energyEv.map((energy) => energy + shiftEv) };
}

/**
 * Fits the classifier of oxides against spectra that are none, from computed spectra alone. Positives of each element:
 * its computed non-oxides and the other elements' as if of it, its training sites that have no oxygen beside them
 * (where there are any of these), and distortions of the others.
 */
export async function fitOutlierClassifier(options: {
  readonly model: Pick<Model, 'predict'>;
  readonly grid: EnergyGrid;
  readonly references: readonly ElementReference[];
  readonly training: readonly Site[];
  readonly nonOxides: readonly Site[];
  readonly units: Pick<TrainingEmbeddings, 'mean' | 'scale'>;
  readonly random: Random;
}): Promise<OutlierClassifier> {
  const { model, grid, references, units, random } = options;
  const vary = augmenter(grid, VARIED);
  const examples: { input: ModelInput; positive: boolean }[] = [];
  for (const reference of references) {
    const own = options.training.filter(({ element }) => element === reference.element);
    const oxides = own.filter((site) => !withoutOxygen(site));
    if (oxides.length === 0) continue;
    const nonOxides = options.nonOxides.filter(({ element }) => element === reference.element);
    const transplanted = options.nonOxides
      .filter(({ element }) => element !== reference.element && reference.element !== 'O')
      .map((site) => asIfOf(reference, site, references));
    const real = [
      own.filter(withoutOxygen),
      ...Array<readonly Site[]>(NON_OXIDE_TURNS).fill(nonOxides),
      ...Array<readonly Site[]>(NON_OXIDE_TURNS).fill(transplanted),
    ].filter((sites) => sites.length > 0);
    const oneOf = (sites: readonly Site[]) => sites[Math.floor(random.uniform() * sites.length)]!;
    for (let i = 0; i < EXAMPLES; i += 1) {
      const oxide = oneOf(oxides);
      examples.push({ input: vary(oxide, reference, random), positive: false });
      const turn = i % (OUTLIER_KINDS.length + real.length);
      const kind = kindFor(reference.element, OUTLIER_KINDS[turn]);
      const outlier =
        kind === undefined
          ? oneOf(real[turn - OUTLIER_KINDS.length]!)
          : outlierSpectrum(kind, oxide, reference, random);
      examples.push({ input: vary(outlier, reference, random), positive: true });
    }
  }
  const elements = references.map(({ element }) => element);
  const predictions = await model.predict(examples.map(({ input }) => input));
  const rows = examples.map(({ input, positive }, i) => ({
    features: Float32Array.from([
      ...standardised(predictions[i]!.embedding, units),
      ...elements.map((element) => (element === input.element ? 1 : 0)),
    ]),
    positive,
    weight: 1,
  }));
  const { weights, bias } = fitLogistic(rows, PENALTY);
  const features = units.mean.length;
  const known = new Set(examples.map(({ input }) => input.element));
  return {
    weights: weights.slice(0, features).map(rounded),
    bias: Object.fromEntries(
      elements.flatMap((element, i) =>
        known.has(element) ? [[element, rounded(bias + weights[features + i]!)] as const] : [],
      ),
    ),
  };
}

/** Some oxides of these have a strong peak before their edge. */
const PRE_EDGE_IS_USUAL = ['O', 'Ti', 'V', 'Cr'];

const kindFor = (element: string, kind: OutlierKind | undefined): OutlierKind | undefined =>
  kind === 'strong pre-edge' && PRE_EDGE_IS_USUAL.includes(element) ? 'dented' : kind;

/** A held-out spectrum as the limits are drawn from it. */
export type HeldOut = {
  readonly element: string;
  readonly group: string;
  readonly bin: number;
  readonly distance: number;
  readonly odds: OutlierOdds;
};

type OutlierRange = OutOfDistributionLimits['outlierRanges'][number];

/** Where distance and odds are each 1, before they are put together: so many of the held-out spectra are below. */
const UNIT_QUANTILE = 0.95;

/**
 * What of held-out spectra all but few stay below, by noise bin, for one element: on its own spectra where it has
 * enough materials, else on those of all elements that the same networks read. The limits are those at which each
 * figure alone says nothing. The classifier's odds count where the element has spectra enough to teach it what is none
 * (docs/workbench/gating.md), or where there are no others.
 */
export function outOfDistributionLimits(
  element: string,
  heldOut: readonly HeldOut[],
  options: {
    readonly bins: number;
    /** So many of the held-out spectra are in distribution. */
    readonly quantile: number;
    /** With so many materials or families its own spectra set the limits. */
    readonly ownGroups: number;
    /** With so many the classifier's odds count. */
    readonly classifierGroups: number;
    /** Of oxides' odds by the metal detector, if it counts. */
    readonly metalRange?: OutlierRange | undefined;
  },
): OutOfDistributionLimits {
  const own = heldOut.filter((each) => each.element === element);
  const readByMeans = ({ odds }: HeldOut) => odds.means !== undefined;
  const ownByMeans = own.every(readByMeans); // once: own spectra are tens of thousands
  const alike = heldOut.filter((each) => readByMeans(each) === ownByMeans);
  const groupsOf = (cases: readonly HeldOut[]) => new Set(cases.map(({ group }) => group)).size;
  const counted = [own, alike].find((cases) => groupsOf(cases) >= options.ownGroups) ?? heldOut;
  const byMeans = counted.every(readByMeans);
  const byClassifier = groupsOf(own) >= options.classifierGroups || !byMeans;
  const metalRanges = options.metalRange === undefined ? [] : [options.metalRange];
  const limits = Array.from({ length: options.bins }, (_, bin) => {
    const cases = counted.filter((each) => each.bin === bin);
    const quantile = (of: (each: HeldOut) => number, level: number) =>
      conformalQuantile(cases.map(of), level);
    const rangeOf = (of: (each: HeldOut) => number) => ({
      middle: quantile(of, 0.5),
      limit: quantile(of, UNIT_QUANTILE),
    });
    const units: OutOfDistributionLimits = {
      outOfDistributionLimit: [quantile(({ distance }) => distance, UNIT_QUANTILE)],
      outlierRanges: byClassifier ? [rangeOf(({ odds }) => odds.classifier)] : [],
      ...(byMeans && { meansOutlierRanges: [rangeOf(({ odds }) => odds.means!)] }),
      metalRanges,
    };
    const together = quantile(
      ({ distance, odds }) => outOfDistributionScore(distance, odds, units, 0),
      options.quantile,
    );
    const scaled = (ranges: OutOfDistributionLimits['outlierRanges']) =>
      ranges.map(({ middle, limit }) => ({
        middle: rounded(middle),
        limit: rounded(middle + (limit - middle) * together),
      }));
    return {
      distance: rounded(units.outOfDistributionLimit[0]! * together),
      classifier: scaled(units.outlierRanges),
      means: scaled(units.meansOutlierRanges ?? []),
      metal: scaled(metalRanges),
    };
  });
  return {
    outOfDistributionLimit: limits.map(({ distance }) => distance),
    outlierRanges: limits.flatMap(({ classifier }) => classifier),
    ...(byMeans && { meansOutlierRanges: limits.flatMap(({ means }) => means) }),
    ...(metalRanges.length > 0 && { metalRanges: limits.flatMap(({ metal }) => metal) }),
  };
}

/** As it stands in the gate's table. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
