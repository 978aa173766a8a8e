/**
 * Mean of shapes and the lower triangular matrix that whitens them: the inverse of the Cholesky factor of their
 * covariance, to which `ridge` squared is added, the scatter below which no slice is known.
 */
export function fitShapes(
  shapes: readonly Float64Array[],
  ridge: number,
): { mean: number[]; whitening: number[][] } {
  const size = shapes[0]!.length;
  const mean = Array.from({ length: size }, (_, i) => {
    return shapes.reduce((sum, shape) => sum + shape[i]!, 0) / shapes.length;
  });
  const covariance = mean.map((_, i) =>
    mean.map((_, j) => {
      const sum = shapes.reduce((total, shape) => total + (shape[i]! - mean[i]!) * (shape[j]! - mean[j]!), 0);
      return sum / shapes.length + (i === j ? ridge * ridge : 0);
    }),
  );
  const lower = covariance.map((row) => row.map(() => 0));
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = covariance[i]![j]!;
      for (let k = 0; k < j; k += 1) sum -= lower[i]![k]! * lower[j]![k]!;
      lower[i]![j] = i === j ? Math.sqrt(sum) : sum / lower[j]![j]!;
    }
  }
  const whitening = lower.map((row) => row.map(() => 0));
  for (let column = 0; column < size; column += 1) {
    for (let i = column; i < size; i += 1) {
      let sum = i === column ? 1 : 0;
      for (let k = column; k < i; k += 1) sum -= lower[i]![k]! * whitening[k]![column]!;
      whitening[i]![column] = sum / lower[i]![i]!;
    }
  }
  return { mean, whitening };
}
