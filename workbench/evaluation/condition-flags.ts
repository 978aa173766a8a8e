import type { Perturbation } from '../data/perturb.ts';
import { number, wholeNumber } from '../number-flags.ts';

/** What is done to each spectrum before all else, as node:util's parseArgs takes it. */
export const CONDITION_FLAGS = {
  noise: { type: 'string', default: '0' },
  gain: { type: 'string', default: '1' },
  tilt: { type: 'string', default: '0' },
  shift: { type: 'string', default: '0' },
  end: { type: 'string' },
  seed: { type: 'string', default: '1' },
  draws: { type: 'string' },
} as const;

export const CONDITION_HELP = `  --noise SIGMA     white noise on each point of mu, standard deviation (default: 0)
  --gain G          mu times G: a wrong edge step (default: 1)
  --tilt T          T x (E - E0) / 100 eV added to mu (default: 0)
  --shift EV        eV added to the energies (default: 0)
  --end EV          points more than so many eV above E0 are left out (default: none)
  --seed N          of the noise (default: 1)
  --draws N         copies of each site, with noise of their own (default: 1; 3 in a sweep)`;

export type Condition = {
  readonly perturbation: Perturbation;
  readonly seed: number;
  readonly draws: number;
};

/** @throws FatalError that names the option which is no number */
export function conditionOf(flags: {
  readonly noise: string;
  readonly gain: string;
  readonly tilt: string;
  readonly shift: string;
  readonly end?: string | undefined;
  readonly seed: string;
  readonly draws?: string | undefined;
  readonly sweep: boolean;
}): Condition {
  const any = Number.NEGATIVE_INFINITY;
  return {
    perturbation: {
      noise: number('noise', flags.noise, 0),
      factor: number('gain', flags.gain, any),
      tilt: number('tilt', flags.tilt, any),
      shiftEv: number('shift', flags.shift, any),
      ...(flags.end !== undefined && { endEv: number('end', flags.end, 0) }),
    },
    seed: number('seed', flags.seed, any),
    draws: wholeNumber('draws', flags.draws ?? (flags.sweep ? '3' : '1')),
  };
}

/** `--shift -0.5` as `--shift=-0.5`: parseArgs takes a value that begins with a dash for an option. */
export function joinNegative(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const argument of args) {
    const last = joined.at(-1);
    if (last !== undefined && /^--\w+$/.test(last) && /^-[\d.]/.test(argument))
      joined[joined.length - 1] = `${last}=${argument}`;
    else joined.push(argument);
  }
  return joined;
}
