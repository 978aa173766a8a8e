/** Class probabilities raised to 1/temperature and normalised: above 1 less sure, below 1 surer, same order. */
export function scaleProbabilities(probabilities: ArrayLike<number>, temperature: number): number[] {
  const scaled = new Array<number>(probabilities.length);
  let sum = 0;
  for (let i = 0; i < scaled.length; i += 1) {
    scaled[i] = Math.max(probabilities[i]!, 1e-12) ** (1 / temperature);
    sum += scaled[i]!;
  }
  for (let i = 0; i < scaled.length; i += 1) scaled[i]! /= sum;
  return scaled;
}
