import { seededRandom } from '../data/random.ts';

const BINS = 15;

/**
 * Expected calibration error (Guo et al., arXiv 1706.04599): answers are put into 15 bins of equal width by their
 * confidence, and the differences between a bin's mean confidence and its share of right answers are averaged, each bin
 * counting by its answers. NaN for no answers.
 */
export function calibrationError(
  answers: readonly { readonly confidence: number; readonly right: boolean }[],
): number {
  const gaps = new Float64Array(BINS); // sum of confidence - right
  for (const { confidence, right } of answers) {
    gaps[Math.min(BINS - 1, Math.floor(BINS * confidence))]! += confidence - (right ? 1 : 0);
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / answers.length;
}

const DRAWS = 200;

/**
 * What the same figure would be, on average, if each answer were right with exactly the probability that it states: so
 * few answers a bin differ from it by chance. An error that is not above this is no sign of wrong probabilities.
 */
export function calibrationErrorByChance(confidences: readonly number[], seed = 1): number {
  const random = seededRandom(seed);
  let sum = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    sum += calibrationError(
      confidences.map((confidence) => ({ confidence, right: random.uniform() < confidence })),
    );
  }
  return sum / DRAWS;
}
