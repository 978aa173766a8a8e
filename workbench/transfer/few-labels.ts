import { join } from 'node:path';
import type { Site } from '../data/dataset.ts';
import { FOLDS } from '../data/folds.ts';
import { seededRandom, shuffle } from '../data/random.ts';
import { answersOf } from './answers.ts';
import { type FewLabelsRow, SIZES } from './few-labels-section.ts';
import { learnFew } from './training-plans.ts';

/** Another calculation: every spectrum is judged once in each row, by models that saw none of its family. */
export async function fewLabels(
  base: string,
  sites: readonly Site[],
  scratch: string,
): Promise<FewLabelsRow[]> {
  const rows = SIZES.flatMap((size): FewLabelsRow[] =>
    size === 0
      ? [{ way: 'fine-tuned', size, answers: [] }]
      : (['fine-tuned', 'from scratch'] as const).map((way) => ({ way, size, answers: [] })),
  );
  for (const { fold, held, others } of FOLDS) {
    const shuffled = shuffle(others(sites), seededRandom(fold + 1));
    for (const { way, size, answers } of rows) {
      const train = shuffled.slice(0, size === 'all' ? shuffled.length : size);
      let directory = base;
      if (train.length > 0) {
        directory = join(scratch, way, `${fold}-${size}`);
        console.error(`fold ${fold + 1} of ${FOLDS.length}: ${way}, ${train.length} spectra`);
        await learnFew(directory, way, base, train);
      }
      answers.push(...(await answersOf(directory, held(sites))));
    }
  }
  return rows;
}
