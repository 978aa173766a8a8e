/**
 * Points [from, to) of a spectrum, energies moved by `shiftEv`, as at most `limit` points: means of neighbours, since
 * leaving points out would show more noise than there is.
 */
export function thin(
  energyEv: Float64Array,
  mu: Float64Array,
  from: number,
  to: number,
  shiftEv: number,
  limit: number,
): { energyEv: Float32Array; mu: Float32Array } {
  const size = Math.max(1, Math.ceil((to - from) / limit));
  const count = Math.ceil((to - from) / size);
  const thinEv = new Float32Array(count);
  const thinMu = new Float32Array(count);
  if (size === 1) {
    for (let k = 0; k < count; k += 1) thinEv[k] = energyEv[from + k]! + shiftEv;
    thinMu.set(mu.subarray(from, to));
    return { energyEv: thinEv, mu: thinMu };
  }
  for (let k = 0; k < count; k += 1) {
    const start = from + k * size;
    const end = Math.min(to, start + size);
    let energySum = 0;
    let muSum = 0;
    for (let i = start; i < end; i += 1) {
      energySum += energyEv[i]!;
      muSum += mu[i]!;
    }
    thinEv[k] = energySum / (end - start) + shiftEv;
    thinMu[k] = muSum / (end - start);
  }
  return { energyEv: thinEv, mu: thinMu };
}
