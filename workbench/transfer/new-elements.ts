import { join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { FatalError } from '../../src/common/errors.ts';
import { predictorOn } from '../../src/model/load-model.ts';
import { graphOf } from '../../src/model/network.ts';
import { tfjsEngine } from '../../src/model/tfjs-engine.ts';
import { everySite, type Site } from '../data/dataset.ts';
import { FOLDS } from '../data/folds.ts';
import { seededRandom, shuffle } from '../data/random.ts';
import { learnedSites, type TrainingData } from '../data/training-data.ts';
import { bodyOf } from '../training/body-of.ts';
import { extendNetwork } from '../training/extend-network.ts';
import { type Answer, answersBy, answersOf } from './answers.ts';
import { NEW_ELEMENTS } from './new-elements-section.ts';
import { learnFew, tuning } from './training-plans.ts';

/** Spectra with decoded labels that are given besides those with true ones. */
const DECODED = 200;

/** Sites that a model of these elements can be judged by: decoded labels are not. */
export function judgedSites(data: TrainingData, elements: readonly string[]): Site[] {
  return everySite(data).filter(({ element, decoded }) => elements.includes(element) && !decoded);
}

/** Whatever may be learned from, the test part of cu-feff9 and the materials in it left out. */
export function teachingSites(data: TrainingData): readonly Site[] {
  const others = [...data.sets.keys()].filter((name) => name !== 'cu-feff9');
  return learnedSites(data, others, true);
}

/**
 * Absorbers that the base model has never met: answers by the way to them. Every site is judged once in each, by models
 * that saw no site of its material or family.
 * @param judged what `judgedSites` gives of the data
 * @throws FatalError when the base model has met one of the absorbers, or a material or family that it is judged on
 */
export async function newElements(
  base: string,
  data: TrainingData,
  judged: readonly Site[],
  scratch: string,
): Promise<ReadonlyMap<string, readonly Answer[]>> {
  requireUnseen(base, judged);
  const pool = teachingSites(data).filter(({ element }) => NEW_ELEMENTS.includes(element));
  const ways = new Map<string, Answer[]>();
  const put = (way: string, answers: readonly Answer[]) =>
    ways.set(way, [...(ways.get(way) ?? []), ...answers]);
  for (const { fold, held, others } of FOLDS) {
    const asked = held(judged);
    const taught = others(pool);
    const known = taught.filter(({ decoded }) => !decoded);
    const decoded = shuffle(
      taught.filter((site) => site.decoded),
      seededRandom(fold + 1),
    );
    const unseenFamily = untaught(base, known);
    put('base, only told the energy of the edge', await answersBy(unseenFamily, asked));
    await unseenFamily.close();
    for (const [from, train] of [
      ['true labels', known],
      [`true and ${DECODED} decoded`, [...known, ...decoded.slice(0, DECODED)]],
    ] as const) {
      for (const way of ['fine-tuned', 'from scratch'] as const) {
        const directory = join(scratch, 'new-elements', `${fold}-${way}-${train.length}`);
        console.error(
          `${NEW_ELEMENTS.join(', ')}, fold ${fold + 1} of ${FOLDS.length}: ${way}, ${train.length} spectra`,
        );
        await learnFew(directory, way, base, train);
        put(`${way}, ${from}`, await answersOf(directory, asked));
      }
    }
  }
  return ways;
}

function requireUnseen(base: string, judged: readonly Site[]): void {
  const { network, training } = openBundle(base, { gate: 'optional' }).manifest;
  const met = NEW_ELEMENTS.filter((element) => network.elements.includes(element));
  const without = new Set(training.without);
  const seen = [...new Set(judged.map(({ group }) => group))].filter((group) => !without.has(group));
  if (met.length > 0 || seen.length > 0)
    throw new FatalError(
      `Expected ${base} never to have met ${[...met, ...seen].join(', ')}: train it with npm run workbench -- transfer-base`,
    );
}

/**
 * The base model with the new absorbers as an extension begins: it knows where their edges lie, and nothing else of
 * them.
 */
function untaught(base: string, sites: readonly Site[]) {
  const { manifest, weights } = openBundle(base, { gate: 'optional' });
  const { network, references } = tuning(base, sites);
  const met = manifest.network.elements.length;
  const extended = extendNetwork(manifest.network, weights, {
    elements: network.elements.slice(met),
    coverage: network.coverage.slice(met),
    classes: {},
    reals: {},
  });
  const engine = tfjsEngine(
    'tfjs-node',
    extended.network,
    extended.weights,
    graphOf(extended.network, bodyOf(extended.network)),
  );
  return { ...predictorOn(engine, extended.network), manifest: { ...manifest, references } };
}
