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
