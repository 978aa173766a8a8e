import type { Site } from './dataset.ts';
import type { Random } from './random.ts';

/** What a measurement does to a spectrum, by stated amounts; all zero leaves it as it is. */
export type Perturbation = {
  /** Standard deviation of white noise on each point of mu. */
  readonly noise: number;
  /** mu is multiplied by 1 + gain: an edge step that is wrong. */
  readonly gain: number;
  /** mu is multiplied by 1 + tilt at 100 eV above `middleEv`, by 1 - tilt at 100 eV below. */
  readonly tilt: number;
  /** eV added to the energies. */
  readonly shiftEv: number;
};

export function perturb(site: Site, by: Perturbation, middleEv: number, random: Random): Site {
  const mu = site.mu.map((value, i) => {
    const slope = 1 + (by.tilt * (site.energyEv[i]! - middleEv)) / 100;
    return value * (1 + by.gain) * slope + by.noise * random.normal();
  });
  return { ...site, mu, energyEv: site.energyEv.map((energy) => energy + by.shiftEv) };
}
