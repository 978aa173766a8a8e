import type { GateTable } from '../../src/gating/gate-table.ts';
import { metalOdds } from '../../src/gating/out-of-distribution.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { HALF_METAL } from './conditions.ts';
import { shortBin } from './cut-short.ts';
import type { Detectors } from './detectors.ts';
import { fitMetalDetector, type MetalCase } from './fit-metal-detector.ts';
import { withoutOxygen } from './fit-out-of-distribution.ts';
import type { HeldOutCases } from './held-out-cases.ts';
import {
  ACCURACY_TARGET,
  elementsWithOwn,
  type HeldOutCase,
  judgeElements,
  LEVEL,
  NOISE_EDGES,
} from './judge-elements.ts';
import type { HeldOutSample } from './placed-samples.ts';

/**
 * Of held-out oxides so many are in distribution; of scans cut short, the largest whole percentage at which no more of
 * copper's unseen non-oxides are than of its whole scans (docs/workbench/gating.md).
 */
const IN_DISTRIBUTION = { whole: 0.95, short: 0.86 };

export type MadeTable = {
  readonly table: GateTable;
  /** Which of the held-out cases the table takes for in distribution, and of those that were cut short. */
  readonly isInDistribution: {
    readonly whole: (each: HeldOutCase) => boolean;
    readonly short: (each: HeldOutCase) => boolean;
  };
  /** Elements whose short scans are judged by themselves. */
  readonly apart: readonly string[];
};

/** What the gate looks up, from spectra that the model had not seen. */
export function makeGateTable(
  { grid, references, network: { offsetsEv } }: Manifest,
  { trainingEmbeddings, outlierClassifier, training }: Detectors,
  held: HeldOutCases,
  made: Pick<GateTable, 'madeFor' | 'madeBy'>,
): MadeTable {
  const { mean, scale, rows } = trainingEmbeddings;
  const elements = references.map(({ element }) => element);
  // What is calibrated by itself has materials enough for its networks to tell half a metal.
  const ownGroups = elementsWithOwn(held.labelled);
  const detector = fitMetalDetector(metalCasesOf(held.samples, ownGroups), offsetsEv);
  const metalRangeOf = (element: string) =>
    ownGroups.includes(element) || element === 'O' ? undefined : detector?.range;
  const looking = detector === null ? {} : { metalDetector: detector.model, offsetsEv: [...offsetsEv] };
  const withMetal = (each: HeldOutCase): HeldOutCase => {
    if (metalRangeOf(each.site.element) === undefined) return each;
    return { ...each, odds: { ...each.odds, metal: metalOdds(each.prepared.input, looking) } };
  };
  const labelled = held.labelled.map(withMetal);
  const unlabelled = held.unlabelled.map(withMetal);
  const outliers = held.outliers.map(withMetal);
  const { cutShort } = held; // of wide elements alone, which are calibrated by themselves
  const oxidesOf = (cases: readonly HeldOutCase[]) => cases.filter(({ site }) => !withoutOxygen(site));
  const oxides = oxidesOf([...labelled, ...unlabelled]);
  const whole = judgeElements({
    elements,
    oxides,
    labelled,
    training,
    quantile: IN_DISTRIBUTION.whole,
    metalRangeOf,
  });
  // Only of wide elements have spectra been cut.
  const apart = elementsWithOwn(cutShort);
  const short = judgeElements({
    elements: apart,
    oxides: oxidesOf(cutShort),
    labelled: cutShort,
    training,
    quantile: IN_DISTRIBUTION.short,
  });
  const passedOf = (element: string, cases: readonly HeldOutCase[]) => {
    const own = cases.filter(({ site, clean }) => clean && site.element === element);
    return { spectra: own.length, passed: own.filter(whole.isInDistribution).length };
  };
  const shortOf = (element: string) => {
    const judged = short.elements.get(element);
    if (judged === undefined) return {};
    const beforeBin = shortBin({ grid })!; // its element is wide
    return { short: { ...judged, calibration: shortName(judged.calibration), beforeBin } };
  };
  const elementOf = (element: string) => ({
    ...whole.elements.get(element)!,
    trainingEmbeddingRows: rows.get(element)!.length / mean.length,
    inDistribution: { oxides: passedOf(element, oxides), nonOxides: passedOf(element, outliers) },
    ...shortOf(element),
  });
  const shortCalibrations = Object.entries(short.calibrations).map(
    ([group, each]) => [shortName(group), each] as const,
  );
  return {
    table: {
      ...made,
      accuracyTarget: ACCURACY_TARGET,
      level: LEVEL,
      noiseEdges: NOISE_EDGES,
      embedding: { mean: [...mean], scale: [...scale] },
      ...looking,
      outlierClassifier: { weights: [...outlierClassifier.weights], bias: { ...outlierClassifier.bias } },
      calibrations: { ...whole.calibrations, ...Object.fromEntries(shortCalibrations) },
      elements: Object.fromEntries(elements.map((element) => [element, elementOf(element)])),
    },
    isInDistribution: {
      whole: (each) => whole.isInDistribution(withMetal(each)),
      short: short.isInDistribution,
    },
    apart,
  };
}

/** Half metals and oxides of all elements but these. */
function metalCasesOf(samples: readonly HeldOutSample[], without: readonly string[]): MetalCase[] {
  return samples.flatMap(({ condition, site, prepared: { input } }): MetalCase[] => {
    if (without.includes(site.element)) return [];
    if (condition.name === HALF_METAL) return [{ input, is: 'half a metal' }];
    if (condition.isNothing) return [];
    return [{ input, is: condition.isMixture ? 'mixture' : 'one site' }];
  });
}

/** What a group, or an element, is called where its scans end early. */
export function shortName(name: string): string {
  return `${name}, cut short`;
}
