import type { EnergyGrid } from '../../src/messages/prepared.ts';

/**
 * 160 bins from -10 to +130 eV about the element's reference, E(t) = -10 + 140 (0.4 t + 0.6 t^2): 0.35 eV apart at the
 * edge, 1.4 eV at the end. The required range is what nearly every set of training spectra covers.
 */
export function defaultGrid(): EnergyGrid {
  const bins = 160;
  const offsetsEv = Float64Array.from({ length: bins }, (_, i) => {
    const t = i / (bins - 1);
    return Math.round(1000 * (-10 + 140 * (0.4 * t + 0.6 * t * t))) / 1000;
  });
  return { offsetsEv, requiredFromEv: -7, requiredToEv: 18 };
}

/** First and last bin inside a range of energies. */
export function binRange(offsetsEv: ArrayLike<number>, fromEv: number, toEv: number): [number, number] {
  const inside = Array.from(offsetsEv, (_, i) => i).filter(
    (i) => offsetsEv[i]! >= fromEv && offsetsEv[i]! <= toEv,
  );
  if (inside.length === 0) throw new RangeError(`Expected a bin between ${fromEv} and ${toEv} eV, got none`);
  return [inside[0]!, inside[inside.length - 1]!];
}
