import type { Site } from './dataset.ts';
import type { Random } from './random.ts';

/** What a measurement does to a spectrum, by stated amounts; what is not stated is left as it is. */
export type Perturbation = {
  /** Standard deviation of white noise on each point of mu. */
  readonly noise?: number;
  /** mu is multiplied by it: an edge step that is wrong. */
  readonly factor?: number;
  /** Added to mu at 100 eV above `middleEv`, taken away at 100 eV below: a slanted background. */
  readonly tilt?: number;
  /** eV added to the energies. */
  readonly shiftEv?: number;
  /** Points more than so many eV above `middleEv` are left out: a scan that ends early. */
  readonly endEv?: number;
};

/** @param middleEv where the tilt is zero and the end is counted from, such as E0 */
export function perturb(site: Site, by: Perturbation, middleEv: number, random: Random): Site {
  const { noise = 0, factor = 1, tilt = 0, shiftEv = 0, endEv } = by;
  const { energyEv, mu } = endEv === undefined ? site : upTo(site, middleEv + endEv);
  return {
    ...site,
    mu: mu.map((value, i) => {
      const slant = tilt === 0 ? 0 : (tilt * (energyEv[i]! - middleEv)) / 100;
      return factor * value + slant + (noise > 0 ? noise * random.normal() : 0);
    }),
    energyEv: energyEv.map((energy) => energy + shiftEv),
  };
}

function upTo({ energyEv, mu }: Site, lastEv: number): Pick<Site, 'energyEv' | 'mu'> {
  const inside = (_: number, i: number) => energyEv[i]! <= lastEv;
  return { energyEv: energyEv.filter(inside), mu: mu.filter(inside) };
}
