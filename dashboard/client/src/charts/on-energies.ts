/** A spectrum: absorption [points] at energies [points], eV, increasing. */
export type Curve = { readonly energyEv: Float32Array; readonly mu: Float32Array };

/**
 * The spectrum at other energies, increasing, between its points by straight lines; NaN outside what it measured:
 * nothing is extrapolated.
 */
export function onEnergies({ energyEv, mu }: Curve, energies: ArrayLike<number>): Float64Array {
  const values = new Float64Array(energies.length).fill(Number.NaN);
  let at = 0;
  for (let i = 0; i < energies.length; i++) {
    const energy = energies[i]!;
    while (at < energyEv.length && energyEv[at]! < energy) at++;
    if (at >= energyEv.length) break;
    if (energyEv[at] === energy) values[i] = mu[at]!;
    else if (at > 0) {
      const share = (energy - energyEv[at - 1]!) / (energyEv[at]! - energyEv[at - 1]!);
      values[i] = mu[at - 1]! + share * (mu[at]! - mu[at - 1]!);
    }
  }
  return values;
}
