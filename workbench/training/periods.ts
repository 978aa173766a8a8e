/**
 * The strongest periods of a set of sequences: the amplitude of each frequency, averaged over the sequences' deviations
 * from their mean. Found once, on the training set, and stored, so that an answer does not depend on its batch.
 * @param sequences [count][length]
 * @returns periods in points, ceil(length / frequency), strongest first, all different and at most half the length
 */
export function strongestPeriods(sequences: readonly Float32Array[], count: number): number[] {
  const length = sequences[0]?.length ?? 0;
  if (length < 4) throw new RangeError(`Expected sequences of at least 4 points, got ${length}`);
  const mean = new Float64Array(length);
  for (const x of sequences) for (let i = 0; i < length; i++) mean[i]! += x[i]! / sequences.length;

  const amplitude = new Float64Array(Math.floor(length / 2) + 1);
  const cosine = Float64Array.from({ length }, (_, n) => Math.cos((2 * Math.PI * n) / length));
  const sine = Float64Array.from({ length }, (_, n) => Math.sin((2 * Math.PI * n) / length));
  for (const x of sequences) {
    for (let f = 2; f < amplitude.length; f++) {
      let re = 0;
      let im = 0;
      for (let i = 0; i < length; i++) {
        const deviation = x[i]! - mean[i]!;
        re += deviation * cosine[(f * i) % length]!;
        im += deviation * sine[(f * i) % length]!;
      }
      amplitude[f]! += Math.hypot(re, im) / sequences.length;
    }
  }
  const order = Array.from(amplitude, (_, f) => f)
    .slice(2)
    .sort((a, b) => amplitude[b]! - amplitude[a]!);
  return [...new Set(order.map((f) => Math.ceil(length / f)))].slice(0, count);
}
