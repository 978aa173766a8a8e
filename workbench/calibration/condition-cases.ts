import { predictScans, type ReadScan } from '../../src/files/offline.ts';
import type { Prediction } from '../../src/messages/prediction.ts';
import type { GateInput } from '../../src/messages/prepared.ts';
import type { Model } from '../../src/model/load-model.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import type { Site } from '../data/dataset.ts';
import { type Random, seededRandom } from '../data/random.ts';
import { labelsOf, type MixtureLabels, mixtureSource } from '../training/site-means/draw-mixtures.ts';
import type { FineSite } from '../training/site-means/fine-axis.ts';
import { onFineAxis } from '../training/site-means/fine-axis.ts';
import { type Circumstance, CONDITIONS, type Condition, conditionsOfMetals, scanOf } from './conditions.ts';
import { isWide } from './cut-short.ts';
import { gateInputOf } from './observe.ts';

/** A sample as the gate would meet it, with the means over its sites. */
export type ConditionCase = {
  readonly condition: Condition;
  /** The first of the sites. */
  readonly site: Site;
  readonly truth: MixtureLabels;
  /** Of a sample of one copper site: the label of its oxidation state that no charge balance establishes. */
  readonly doubtfulOs: number | null;
  readonly prepared: GateInput;
  readonly prediction: Prediction;
};

/** A sequence of their own, so that what else is drawn, and so the gate's table, does not depend on them. */
const METAL_SEED = 20261127;

/**
 * Samples of sites that a model has not seen, under every condition; what preparation refuses is left out.
 * @param metals computed, for samples that are half of a metal
 * @param perCondition at most so many of an element under one condition
 * @param more from which elements with more sites than that are drawn besides, each site once: what of mixtures can be
 * trusted is learned from many
 */
export async function conditionCases(
  model: Model,
  sites: readonly Site[],
  metals: readonly Site[],
  perCondition: number,
  random: Random,
  more: Random,
): Promise<ConditionCase[]> {
  const { manifest } = model;
  const references = new Map(manifest.references.map((reference) => [reference.element, reference]));
  const fine = sites.flatMap((site): FineSite[] => {
    const reference = references.get(site.element);
    if (reference === undefined || site.element === 'O' || site.decoded) return [];
    return [{ ...site, fine: onFineAxis(site, reference) }];
  });
  const source = mixtureSource(fine);
  const byElement = new Map<string, FineSite[]>();
  for (const site of fine) byElement.set(site.element, [...(byElement.get(site.element) ?? []), site]);

  type Item = ReadScan & Pick<ConditionCase, 'condition' | 'site' | 'truth' | 'doubtfulOs'>;
  function* samplesOf(
    conditions: readonly Condition[],
    random: Random,
    countOf: (sites: number) => number,
  ): Generator<Item> {
    for (const condition of conditions)
      for (const [element, own] of byElement) {
        const count = countOf(own.length);
        for (let i = 0; i < count; i += 1) {
          const site = own[Math.floor(((i + random.uniform()) * own.length) / count)]!;
          const drawn = condition.draw(site, source, random);
          const placed = drawn && scaleSometimes(drawn, random);
          const circumstance = placed && isWide(manifest, element) ? cutSometimes(placed, random) : placed;
          const scan = circumstance && scanOf(circumstance, references.get(element)!, random);
          if (scan === null) continue;
          const { mixture } = circumstance!;
          const truth = condition.isNothing ? {} : labelsOf(mixture);
          const doubtfulOs =
            mixture.sites.length === 1 ? (mixture.sites[0]!.doubtfulOs?.label ?? null) : null;
          yield { condition, site, truth, doubtfulOs: condition.isNothing ? null : doubtfulOs, scan };
        }
      }
  }
  function* samples(): Generator<Item> {
    const some = (sites: number): number => Math.min(sites, perCondition);
    yield* samplesOf(CONDITIONS, random, some);
    yield* samplesOf(CONDITIONS, more, (sites) => (sites > perCondition ? sites : 0));
    yield* samplesOf(conditionsOfMetals(metals), seededRandom(METAL_SEED), some);
  }
  const stages = { prepare: makePrepare(manifest), predict: model.predict };
  const cases: ConditionCase[] = [];
  for await (const each of predictScans(stages, samples()))
    if (each.reject === null) {
      const { condition, site, truth, doubtfulOs, prediction } = each;
      cases.push({ condition, site, truth, doubtfulOs, prepared: gateInputOf(each.prepared), prediction });
    }
  return cases;
}

/**
 * Whatever befalls a sample befalls measured scans, whose energies are known to 1 to 2 eV: half of all that is not
 * clean has such energies, so that nobody learns that defects come with exact ones.
 */
function scaleSometimes(circumstance: Circumstance, random: Random): Circumstance {
  const { distortion, variation, nothing, mixture, shiftEv } = circumstance;
  const isClean =
    distortion === undefined &&
    variation === undefined &&
    nothing === undefined &&
    mixture.sites.length === 1;
  if (isClean || shiftEv !== undefined || random.uniform() < 0.5) return circumstance;
  const statedSigmaEv = 0.5 * 4 ** random.uniform();
  return { ...circumstance, statedSigmaEv, shiftEv: statedSigmaEv * random.normal() };
}

/** Scans of wide elements often end early. */
function cutSometimes(circumstance: Circumstance, random: Random): Circumstance {
  if (circumstance.endEv !== undefined || random.uniform() > 0.25) return circumstance;
  return { ...circumstance, endEv: 20 + 40 * random.uniform() };
}
