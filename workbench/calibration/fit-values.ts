import type { Calibration, GateTable } from '../../src/gating/gate-table.ts';
import { type TrustModel, trustIn } from '../../src/gating/trust.ts';
import { DESCRIPTOR_NAMES, DESCRIPTORS, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { elementsWithGroups } from '../data/dataset.ts';
import { countsOf } from '../report/statistics.ts';
import { chooseThreshold, type Trial } from './choose-threshold.ts';
import { type ElementTarget, fitAccuracyTargets } from './fit-accuracy-target.ts';
import { fitTrust, MANY_MATERIALS } from './fit-trust.ts';
import { NOISE_EDGES, OWN_LIMIT, RULES } from './judge-elements.ts';
import { acceptedIn } from './likeliest-value.ts';
import {
  isFittedNothing,
  isInDistribution,
  isSingleSite,
  type PlacedSample,
  type PlacedSamples,
  type ReadValue,
  readValues,
} from './placed-samples.ts';
import { failureTail } from './success-bound.ts';

/**
 * Of all samples, mixtures among them, at least so many of the accepted values are right. Where materials are few, 95%
 * is reached only where most clean sites are flagged.
 */
const ALL_SAMPLES = { many: 0.95, few: 0.92 };
/**
 * Of mixtures alone: by its spectrum a mixture of two sites looks like a third one. Where materials are many the same
 * rule for coordination flags clean sites and hardly changes what is right of mixtures
 * (docs/experiments/2026-11-27-spt-8.md).
 */
const MIXTURES: Record<'many' | 'few', Partial<Record<DescriptorName, number>>> = {
  many: { OS: 0.87 },
  few: { OS: 0.8, CN: 0.9, OCN: 0.9 },
};
/** By the Clopper-Pearson bound of this confidence. */
const FLOOR_CONFIDENCE = 0.5;
/**
 * Of single sites, under all conditions together: a point above the 95% that are promised, because what is fitted here
 * comes out a point lower on materials that took no part (`field-test`).
 */
const SINGLES = { accuracy: 0.96, confidence: 0.5 };
/** Of lengths, for which less speaks: what is right of them differs more from condition to condition. */
const SINGLES_OF_REALS = { ...SINGLES, accuracy: 0.98 };
/** So many of the spectra of each kind with nothing to find may have a descriptor accepted. */
const NOTHING_ACCEPTED = 0.05;
/** No value is accepted that is trusted less, whatever else holds. */
const LEAST_THRESHOLD = 0.5;

/**
 * Adds to the gate's table how far a value can be trusted by all that speaks for or against it, and how much trust is
 * asked of it: from samples under every condition, mixtures among them.
 * @param table as spectra of single sites made it
 * @param offsetsEv the model's grid
 */
export function fitValues(table: GateTable, samples: PlacedSamples, offsetsEv: readonly number[]): GateTable {
  const fits = new Map(
    [...samples].map(([group, placed]) => {
      const accepted = acceptedIn(table, group);
      const fitted = DESCRIPTOR_NAMES.flatMap((name) => {
        const calibration = table.calibrations[group]![name];
        const fit = calibration && fitOne(name, calibration, placed, offsetsEv, accepted.includes(name));
        return fit ? [[name, fit] as const] : [];
      });
      return [group, new Map(fitted)] as const;
    }),
  );
  const calibrations = Object.fromEntries(
    Object.entries(table.calibrations).map(([group, calibration]) => {
      const trusted = [...(fits.get(group) ?? [])].map(([name, { trust }]): [DescriptorName, Calibration] => [
        name,
        { ...calibration[name]!, trust },
      ]);
      return [group, { ...calibration, ...Object.fromEntries(trusted) }];
    }),
  );
  const judged = (element: string, group: string, descriptors: Descriptors): Descriptors => {
    const targets = [...(fits.get(group) ?? [])].flatMap(([name, { targets: own }]) => {
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
  return { ...table, calibrations, elements, offsetsEv: [...offsetsEv] };
}

type Descriptors = GateTable['elements'][string]['descriptors'];

/** A value, and how far it is trusted. */
type TrustedValue = ReadValue & { readonly confidence: number };

type Fit = {
  readonly trust: TrustModel;
  /** By element; of a descriptor of which nothing is accepted none. */
  readonly targets: ReadonlyMap<string, ElementTarget>;
};

/**
 * @param calibration by single sites, with noise and without
 * @param placed samples of the group, in distribution or not
 * @param isAccepted whether values may be accepted; else trust is fitted for the sake of intervals alone
 * @returns null where no sample says anything of the descriptor
 */
function fitOne(
  name: DescriptorName,
  calibration: Calibration,
  placed: readonly PlacedSample[],
  offsetsEv: readonly number[],
  isAccepted: boolean,
): Fit | null {
  const read = readValues(name, calibration, placed.filter(isInDistribution), offsetsEv);
  if (read.every(({ truth }) => truth === undefined)) return null;
  const materials = new Set(read.map(({ sample }) => sample.site.material)).size;
  const trust = fitTrust(read, materials);
  if (!isAccepted) return { trust, targets: new Map() };
  const values = read.map((value) => ({ ...value, confidence: trustIn(value.evidence, trust) }));
  const least = Math.max(
    LEAST_THRESHOLD,
    aboveNothing(values, placed),
    leastForAll(name, values, materials >= MANY_MATERIALS ? 'many' : 'few'),
  );
  return { trust, targets: targetsOf(name, values, least) };
}

/** What few of the spectra with nothing to find exceed, kind by kind, in distribution or not. */
function aboveNothing(values: readonly TrustedValue[], placed: readonly PlacedSample[]): number {
  const kinds = countsOf(placed.filter(isFittedNothing).map(({ condition }) => condition.name));
  const exceeded = [...kinds].map(([kind, count]) => {
    const passing = values
      .filter(({ sample }) => sample.condition.name === kind)
      .map(({ confidence }) => confidence)
      .sort((a, b) => b - a);
    return passing[Math.floor(NOTHING_ACCEPTED * count)] ?? 0;
  });
  return Math.max(0, ...exceeded);
}

/** At which samples of all kinds are right often enough, and mixtures by themselves; infinite where none is enough. */
function leastForAll(name: DescriptorName, values: readonly TrustedValue[], amount: 'many' | 'few'): number {
  const ofMixtures = MIXTURES[amount][name];
  const floors = [
    { accuracy: ALL_SAMPLES[amount], of: ({ condition }: PlacedSample) => !condition.isNothing },
    ...(ofMixtures === undefined
      ? []
      : [{ accuracy: ofMixtures, of: ({ condition }: PlacedSample) => condition.isMixture === true }]),
  ].map(({ of, accuracy }) => {
    const trials = trialsOf(values, of);
    return trials.length === 0 ? 0 : chooseThreshold(trials, accuracy, FLOOR_CONFIDENCE);
  });
  return Math.max(...floors.map((each) => each ?? Number.POSITIVE_INFINITY));
}

/**
 * What is asked of the values of each element. Which elements hold what is promised is asked at no lower threshold
 * than the one that they will get.
 */
function targetsOf(
  name: DescriptorName,
  values: readonly TrustedValue[],
  leastConfidence: number,
): Map<string, ElementTarget> {
  const elements = [...new Set(values.map(({ sample }) => sample.site.element))];
  // Whether a class may be trusted depends on the element: one with enough materials has its own threshold.
  const apart = elementsWithGroups(
    values.map(({ sample }) => sample.site),
    OWN_LIMIT,
  );
  const parts = [
    ...apart.map((element) => [element]),
    elements.filter((element) => !apart.includes(element)),
  ];
  const ofSingles = DESCRIPTORS[name].kind === 'real' ? SINGLES_OF_REALS : SINGLES;
  // One threshold for all noise: how noisy a scan is speaks through the evidence.
  const trialsOfElement = (element: string): [Trial[]] => [
    trialsOf(values, (sample) => isSingleSite(sample) && sample.site.element === element),
  ];
  const targets = parts.flatMap((members) => {
    const own = new Map(members.map((element) => [element, trialsOfElement(element)] as const));
    return [...fitAccuracyTargets(own, { ...RULES, ...ofSingles, leastConfidence })];
  });
  return new Map(
    targets.map(([element, target]) => [
      element,
      { ...target, thresholds: atNoise(values, target.thresholds[0]!) },
    ]),
  );
}

/** The threshold in each noise bin; null from the first on that refutes what is promised. */
function atNoise(values: readonly TrustedValue[], threshold: number | null): (number | null)[] {
  let alive = threshold !== null;
  return NOISE_EDGES.map((_, bin) => {
    const accepted = trialsOf(values, (sample) => isSingleSite(sample) && sample.bin === bin).filter(
      ({ confidence }) => threshold !== null && confidence >= threshold,
    );
    const wrong = accepted.filter(({ right }) => !right).length;
    if (failureTail(wrong, accepted.length, 1 - RULES.accuracy) < RULES.refutedBelow / 10) alive = false;
    return alive ? threshold : null;
  });
}

function trialsOf(values: readonly TrustedValue[], kept: (sample: PlacedSample) => boolean): Trial[] {
  return values
    .filter(({ sample }) => kept(sample))
    .map(({ sample, right, confidence }) => {
      const site = `${sample.site.id}/${sample.condition.name}`;
      return { site, right, confidence };
    });
}
