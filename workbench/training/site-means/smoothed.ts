/** Under a Gaussian of `sigma` points, cut at three; beyond the ends the last value goes on. */
export function smoothed(values: Float64Array, sigma: number): Float64Array {
  const reach = Math.ceil(3 * sigma);
  if (reach === 0) return values.slice();
  const kernel = Float64Array.from({ length: reach + 1 }, (_, k) => Math.exp(-0.5 * (k / sigma) ** 2));
  const total = 2 * kernel.reduce((sum, weight) => sum + weight, 0) - 1;
  const last = values.length - 1;
  return values.map((value, i) => {
    let sum = kernel[0]! * value;
    for (let k = 1; k <= reach; k += 1)
      sum += kernel[k]! * (values[i > k ? i - k : 0]! + values[Math.min(i + k, last)]!);
    return sum / total;
  });
}
