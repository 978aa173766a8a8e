import { join } from 'node:path';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { loadModel } from '../../../src/model/load-model.ts';
import type { Site } from '../../data/dataset.ts';
import { seededRandom, shuffle } from '../../data/random.ts';
import { type Answer, judgeSites, type Processor } from '../../evaluation/judge-sites.ts';
import { learnFew, type Way } from '../training-plans.ts';

/** Sites of other cells that are given to learn from. */
const SIZES = [10, 30, 100];
/** Drawn so often where not all are given, since few sites are a matter of luck. */
const DRAWS = 3;

/** What is said of every site by models that saw no site of its cell. */
export type CellsRow = {
  readonly way: Way | 'as it is';
  readonly size: number | 'all';
  readonly answers: readonly Answer[];
};

/** Sites without noise. */
export const AS_THEY_ARE = { perturbation: {}, seed: 1, draws: 1 };

/**
 * The shipped model as it is, after fine-tuning on some sites of other cells, and a network that saw only these: every
 * cell is judged by models that saw none of it. The gate is the shipped one throughout; it goes on judging by the
 * shipped model's embedding and site means, to which it was calibrated, and sees another model's classes.
 */
export async function learnByCell(
  shipped: { readonly directory: string; readonly processor: Processor },
  sites: readonly Site[],
  scratch: string,
): Promise<CellsRow[]> {
  const cells = [...new Set(sites.map(({ material }) => material))];
  const least = Math.min(...cells.map((cell) => sites.filter(({ material }) => material !== cell).length));
  const sizes = [...SIZES.filter((size) => size < least), 'all' as const];
  const rows = [
    ...sizes.map((size) => ({ way: 'fine-tuned' as const, size, answers: [] as Answer[] })),
    { way: 'from scratch' as const, size: 'all' as const, answers: [] as Answer[] },
  ];
  const asIs = await judgeSites(shipped.processor, sites, AS_THEY_ARE);
  for (const cell of cells) {
    const held = sites.filter(({ material }) => material === cell);
    const others = sites.filter(({ material }) => material !== cell);
    for (const { way, size, answers } of rows)
      for (let draw = 0; draw < (size === 'all' ? 1 : DRAWS); draw++) {
        const train = shuffle(others, seededRandom(draw + 1)).slice(0, size === 'all' ? undefined : size);
        const directory = join(scratch, cell.replaceAll(' ', '-'), way, `${size}-${draw}`);
        console.error(`${cell} held out: ${way}, ${train.length} sites`);
        await learnFew(directory, way, shipped.directory, train);
        answers.push(...(await judgedBy(directory, shipped.processor, held)));
      }
  }
  return [{ way: 'as it is', size: 0, answers: asIs.answers }, ...rows];
}

/** @returns nothing of an absorber that the other model never met */
async function judgedBy(
  directory: string,
  processor: Processor,
  sites: readonly Site[],
): Promise<readonly Answer[]> {
  const other = await loadModel(openBundle(directory, { gate: 'optional' }), { engine: 'auto' });
  const known = sites.filter(({ element }) => other.manifest.network.elements.includes(element));
  const predict: typeof other.predict = async (inputs) => {
    const own = await processor.model.predict(inputs);
    const others = await other.predict(inputs);
    return own.map((each, i) => ({ ...each, outputs: others[i]!.outputs }));
  };
  const model = { ...processor.model, predict };
  const { answers } = await judgeSites({ ...processor, model }, known, AS_THEY_ARE);
  await other.close();
  return answers;
}
