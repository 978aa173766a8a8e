/**
 * What a smooth curve leaves over: each point against the line through its two neighbours on each side, in units of one
 * point's own noise (a residual of white noise has the noise's standard deviation). The outer two points at each end
 * are 0.
 */
export function residual(mu: Float32Array): Float32Array {
  const left = new Float32Array(mu.length);
  // Second-order Savitzky-Golay, 5 points: smooth = (-3 a + 12 b + 17 c + 12 d - 3 e) / 35, so the rest keeps
  // sqrt(18/35) of the noise.
  const gain = 1 / Math.sqrt(18 / 35);
  for (let i = 2; i < mu.length - 2; i++) {
    const smooth = (-3 * mu[i - 2]! + 12 * mu[i - 1]! + 17 * mu[i]! + 12 * mu[i + 1]! - 3 * mu[i + 2]!) / 35;
    left[i] = (mu[i]! - smooth) * gain;
  }
  return left;
}
