/** mu under a Gaussian of standard deviation `sigmaEv`; each point counts by the room it has. [points] */
export function broaden(energyEv: Float64Array, mu: Float64Array, sigmaEv: number): Float64Array {
  const last = mu.length - 1;
  let from = 0;
  return mu.map((value, i) => {
    if (sigmaEv <= 0) return value;
    while (energyEv[i]! - energyEv[from]! > 3.5 * sigmaEv) from += 1;
    let sum = 0;
    let total = 0;
    for (let j = from; j <= last && energyEv[j]! - energyEv[i]! <= 3.5 * sigmaEv; j += 1) {
      const room = energyEv[Math.min(j + 1, last)]! - energyEv[Math.max(j - 1, 0)]!;
      const weight = room * Math.exp(-0.5 * ((energyEv[j]! - energyEv[i]!) / sigmaEv) ** 2);
      sum += weight * mu[j]!;
      total += weight;
    }
    return sum / total;
  });
}
