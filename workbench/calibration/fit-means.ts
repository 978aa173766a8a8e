import type { Calibration, GateTable, MeanCalibration, MeasuredMeans } from '../../src/gating/gate-table.ts';
import type { OutlierOdds } from '../../src/gating/out-of-distribution.ts';
import { scaleProbabilities } from '../../src/gating/scale-probabilities.ts';
import { trustIn } from '../../src/gating/trust.ts';
import { DESCRIPTORS, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { type DescriptorOutput, isMeanName, type MeanName } from '../../src/messages/prediction.ts';
import { elementsWithGroups } from '../data/dataset.ts';
import { countsOf } from '../report/statistics.ts';
import { chooseThreshold, type Trial } from './choose-threshold.ts';
import type { ConditionCase } from './condition-cases.ts';
import { fitAccuracyTargets } from './fit-accuracy-target.ts';
import { fitTrust, MANY_MATERIALS } from './fit-trust.ts';
import { intervalsByTrust } from './intervals-by-trust.ts';
import { NOISE_EDGES, OWN_LIMIT, RULES } from './judge-elements.ts';
import { likeliestValue, toleranceOf, trustedIn } from './likeliest-value.ts';
import { meanCalibrationOf } from './mean-calibration.ts';
import { placeInTable } from './place-in-table.ts';
import { failureTail } from './success-bound.ts';

/** A sample as a model met it that had not seen its sites. */
export type HeldOutSample = ConditionCase & { readonly distance: number; readonly odds: OutlierOdds };

/**
 * Of all samples, mixtures among them, at least so many of the accepted values are right. Where materials are few, 95%
 * is reached only where most clean sites are flagged.
 */
const ALL_SAMPLES = { many: 0.95, few: 0.92 };
/**
 * Of the oxidation states of mixtures alone: by its spectrum a mixture of two sites looks like a third one. The same
 * rule for coordination flags clean sites and hardly changes what is right of mixtures
 * (docs/experiments/2026-11-27-spt-8.md).
 */
const MIXED_OS = { many: 0.87, few: 0.8 };
/** By the Clopper-Pearson bound of this confidence. */
const FLOOR_CONFIDENCE = 0.5;
/**
 * Of single sites, under all conditions together: a point above the 95% that are promised, because what is fitted here
 * comes out a point lower on materials that took no part (`field-test`).
 */
const SINGLES = { accuracy: 0.96, confidence: 0.5 };
/** Of lengths, for which less speaks: what is right of them differs more from condition to condition. */
const SINGLES_OF_REALS = { ...SINGLES, accuracy: 0.98 };

/** No value is accepted that is trusted less, whatever else holds. */
const LEAST_THRESHOLD = 0.5;

type Placed = HeldOutSample & {
  readonly group: string;
  readonly bin: number;
  /** Score over its limit. */
  readonly strangeness: number;
};

/**
 * Adds to the gate's table what holds of means over sites and, with all that speaks for or against it, of a value: from
 * samples under every condition, mixtures among them.
 * @param table as spectra of single sites made it
 * @param offsetsEv the model's grid
 */
export function fitMeans(
  table: GateTable,
  samples: readonly HeldOutSample[],
  offsetsEv: readonly number[],
  measured: MeasuredMeans | null,
): GateTable {
  const placed = samples.flatMap((sample) => placedIn(table, sample));
  const groups = [...new Set(placed.map(({ group }) => group))];
  const fits = new Map(
    groups.map((group) => {
      const all = placed.filter((each) => each.group === group);
      const own = all.filter(({ strangeness }) => strangeness <= 1);
      const conditions = all.map(({ condition }) => condition);
      const nothing = countsOf(conditions.filter(isFittedNothing).map(({ name }) => name));
      const ofGroup = table.calibrations[group]!;
      const fitted = trustedIn(table, group).flatMap((name) => {
        const fit = fitOne(name, ofGroup[name]!, own, nothing, offsetsEv);
        return fit === null ? [] : [[name, fit] as const];
      });
      return [group, new Map(fitted)] as const;
    }),
  );
  const calibrations = Object.fromEntries(
    Object.entries(table.calibrations).map(([group, calibration]) => {
      const fit = fits.get(group);
      if (fit === undefined) return [group, calibration];
      const trusted = [...fit].map(([name, { trust, byTrust }]): [DescriptorName, Calibration] => [
        name,
        { ...calibration[name]!, trust, byTrust },
      ]);
      return [group, { ...calibration, ...Object.fromEntries(trusted) }];
    }),
  );
  const means = Object.fromEntries(
    [...fits].map(([group, fit]) => [
      group,
      Object.fromEntries(
        [...fit].flatMap(([name, { mean }]) => (mean === null ? [] : [[name, mean]])),
      ) as Record<MeanName, MeanCalibration>,
    ]),
  );
  const judged = (element: string, group: string, descriptors: Descriptors): Descriptors => {
    const fit = fits.get(group);
    if (fit === undefined) return descriptors;
    const targets = [...fit].flatMap(([name, { targets: own }]) => {
      const target = own.get(element);
      return descriptors[name] === undefined || target === undefined ? [] : [[name, target] as const];
    });
    return { ...descriptors, ...Object.fromEntries(targets) };
  };
  const elements = Object.fromEntries(
    Object.entries(table.elements).map(([element, known]) => [
      element,
      {
        ...known,
        descriptors: judged(element, known.calibration, known.descriptors),
        ...(known.short && {
          short: {
            ...known.short,
            descriptors: judged(element, known.short.calibration, known.short.descriptors),
          },
        }),
      },
    ]),
  );
  return {
    ...table,
    calibrations,
    elements,
    means,
    offsetsEv: [...offsetsEv],
    ...(measured !== null && { measured }),
  };
}

type Descriptors = GateTable['elements'][string]['descriptors'];

/** Those that the table can judge, and of which means were read. */
function placedIn(table: GateTable, sample: HeldOutSample): Placed[] {
  const place = placeInTable(table, sample);
  if (place === null || sample.prediction.siteMeans === undefined) return [];
  const { element, bin, strangeness } = place;
  return [{ ...sample, group: element.calibration, bin, strangeness }];
}

/** Of samples with nothing to find only kinds that are no question of the table are fitted on. */
const LEFT_OUT = /left out/;

/** So many of the spectra of each kind with nothing to find may have a descriptor accepted. */
const NOTHING_ACCEPTED = 0.05;

const isFittedNothing = ({ isNothing, name }: Placed['condition']): boolean =>
  isNothing === true && !LEFT_OUT.test(name);

/**
 * @param calibration by single sites, with noise and without
 * @param samples in distribution
 * @param nothing how many spectra of each kind with nothing to find there were, in distribution or not
 * @returns null where no sample says anything of the descriptor
 */
function fitOne(
  name: DescriptorName,
  calibration: Calibration,
  samples: readonly Placed[],
  nothing: ReadonlyMap<string, number>,
  offsetsEv: readonly number[],
) {
  const tolerance = toleranceOf(calibration);
  const read = samples.flatMap((sample) => {
    const { condition } = sample;
    const truth = sample.truth[name]?.mean;
    if (truth === undefined && !isFittedNothing(condition)) return [];
    const likeliest = likeliestValue(name, sample, sample.strangeness, offsetsEv, tolerance);
    if (likeliest === null) return [];
    const { value, evidence } = likeliest;
    const right = truth !== undefined && Math.abs(truth - value) <= tolerance;
    return [{ sample, evidence, truth, right }];
  });
  if (read.every(({ truth }) => truth === undefined)) return null;
  const materials = new Set(read.map(({ sample }) => sample.site.material)).size;
  const trust = fitTrust(read, materials);
  const rows = read.map((row) => ({ ...row, confidence: trustIn(row.evidence, trust) }));
  const elements = [...new Set(rows.map(({ sample }) => sample.site.element))];
  const trialsOf = (kept: (sample: Placed) => boolean): Trial[] =>
    rows
      .filter(({ sample }) => kept(sample))
      .map(({ sample, right, confidence }) => {
        const site = `${sample.site.id}/${sample.condition.name}`;
        return { site, right, confidence };
      });
  const isSingle = ({ condition }: Placed): boolean => !condition.isMixture && !condition.isNothing;
  // One threshold for all noise: how noisy a scan is speaks through the evidence.
  const singles = new Map(
    elements.map((element) => [
      element,
      [trialsOf((each) => isSingle(each) && each.site.element === element)],
    ]),
  );
  const amount = materials >= MANY_MATERIALS ? 'many' : 'few';
  const floors = [
    { accuracy: ALL_SAMPLES[amount], of: ({ condition }: Placed) => !condition.isNothing },
    ...(name === 'OS'
      ? [{ accuracy: MIXED_OS[amount], of: ({ condition }: Placed) => condition.isMixture === true }]
      : []),
  ].map(({ of, accuracy }) => {
    const trials = trialsOf(of);
    return trials.length === 0 ? 0 : chooseThreshold(trials, accuracy, FLOOR_CONFIDENCE);
  });
  // What few of the spectra with nothing to find exceed, kind by kind.
  const aboveNothing = Math.max(
    0,
    ...[...nothing].map(([kind, count]) => {
      const passing = trialsOf(({ condition }) => condition.name === kind)
        .map(({ confidence }) => confidence)
        .sort((a, b) => b - a);
      return passing[Math.floor(NOTHING_ACCEPTED * count)] ?? 0;
    }),
  );
  // Which elements hold what is promised is asked at no lower threshold than the one that they will get.
  const least = Math.max(
    LEAST_THRESHOLD,
    aboveNothing,
    ...floors.map((each) => each ?? Number.POSITIVE_INFINITY),
  );
  // Whether a class may be trusted depends on the element: one with enough materials has its own threshold.
  const apart = elementsWithGroups(
    rows.map(({ sample }) => sample.site),
    OWN_LIMIT,
  );
  const parts = [
    ...apart.map((element) => [element]),
    elements.filter((element) => !apart.includes(element)),
  ];
  const ofSingles = DESCRIPTORS[name].kind === 'real' ? SINGLES_OF_REALS : SINGLES;
  const targets = new Map(
    parts.flatMap((members) => {
      const own = new Map(members.map((element) => [element, singles.get(element)!] as const));
      return [...fitAccuracyTargets(own, { ...RULES, ...ofSingles, leastConfidence: least })];
    }),
  );
  const atNoise = (threshold: number | null): (number | null)[] => {
    let alive = threshold !== null;
    return NOISE_EDGES.map((_, bin) => {
      const accepted = trialsOf((each) => isSingle(each) && each.bin === bin).filter(
        ({ confidence }) => threshold !== null && confidence >= threshold,
      );
      const wrong = accepted.filter(({ right }) => !right).length;
      if (failureTail(wrong, accepted.length, 1 - RULES.accuracy) < RULES.refutedBelow / 10) alive = false;
      return alive ? threshold : null;
    });
  };
  const byNoise = new Map(
    [...targets].map(([element, target]) => [
      element,
      { ...target, thresholds: atNoise(target.thresholds[0]!) },
    ]),
  );
  const intervalScores = rows.flatMap(({ sample, confidence, truth }) => {
    if (truth === undefined || !isSingle(sample)) return [];
    const score = intervalScore(sample.prediction.outputs[name]!, truth, calibration, sample.bin);
    return [{ trust: confidence, score }];
  });
  return {
    trust,
    byTrust: intervalsByTrust(calibration.kind, intervalScores),
    targets: byNoise,
    mean: isMeanName(name) ? meanCalibrationOf(name, scoresOf(name, rows)) : null,
  };
}

/** Of a class 1 less the tempered probability of the true one, of a real its error over its sigma. */
function intervalScore(
  output: DescriptorOutput,
  truth: number,
  calibration: Calibration,
  bin: number,
): number {
  if (output.kind === 'real') return Math.abs(output.mean - truth) / output.sigma;
  if (calibration.kind === 'real') throw new Error('Expected the calibration of a class');
  const probabilities = scaleProbabilities(output.probabilities, calibration.temperature[bin]!);
  return 1 - (probabilities[output.classes.indexOf(truth)] ?? 0);
}

/** How far true means lie from those that the network reads, in its own sigmas. */
function scoresOf(
  name: MeanName,
  rows: readonly { readonly sample: Placed; readonly truth: number | undefined }[],
) {
  return rows.flatMap(({ sample, truth }) => {
    if (truth === undefined) return [];
    const { mean, sigma } = sample.prediction.siteMeans![name];
    const isMixture = sample.condition.isMixture === true;
    return [{ isMixture, sigma, score: Math.abs(truth - mean) / sigma }];
  });
}
