/** Class probabilities raised to 1/temperature and normalised: above 1 less sure, below 1 surer, same order. */
export function scaleProbabilities(probabilities: ArrayLike<number>, temperature: number): number[] {
  const powers = Array.from(probabilities, (p) => Math.max(p, 1e-12) ** (1 / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
