/** Outcome of FEFF's self-consistency. */
export type Potential = {
  readonly iterations: number;
  /** eV */
  readonly fermiLevelEv: number | null;
  /** 3d electrons of each metal, by "potential:atomic number". */
  readonly dCounts: Readonly<Record<string, number>>;
  /** Why this potential must not be used, or null. */
  readonly fault: string | null;
};

/** Ti to Cu hold about Z - 20 + 0.6 3d electrons inside FEFF's Norman spheres, whatever their oxidation state. */
const METALS = { first: 22, last: 29, offset: -20 + 0.6 };
/** A shell that was emptied or overfilled is off by one or more. */
const TOLERATED = 0.7;

/**
 * "Convergence reached" can be a false solution: with quick mixing, 13 of 243 sites emptied or overfilled a 3d shell,
 * and the edge was wrong by up to 9 eV.
 * @param log what the stage `pot` printed
 * @param deck FEFF's input, which names the atomic number of each potential
 */
export function readPotential(log: string, deck: string): Potential {
  const steps = [...log.matchAll(/mu=\s*(\S+) eV\s+Charge distance=/g)];
  const dCounts = countsOf3d(log, deck);
  const wrong = Object.entries(dCounts).filter(
    ([key, count]) => Math.abs(count - (Number(key.split(':')[1]) + METALS.offset)) > TOLERATED,
  );
  const fault = !log.includes('Convergence reached')
    ? 'self-consistency not reached'
    : wrong.length > 0
      ? `false solution, 3d count ${wrong.map(([key, count]) => `${key}=${count}`).join(' ')}`
      : null;
  const fermiLevel = steps.length > 0 ? Number(steps[steps.length - 1]![1]) : null;
  return { iterations: steps.length, fermiLevelEv: fermiLevel, dCounts, fault };
}

function countsOf3d(log: string, deck: string): Record<string, number> {
  const atomicNumbers = new Map(
    [...deck.matchAll(/^(\d+) (\d+) [A-Z][a-z]? -1 -1/gm)].map(([, potential, z]) => [potential, Number(z)]),
  );
  const last = log.slice(Math.max(0, log.lastIndexOf('Electronic configuration')));
  const counts: Record<string, number> = {};
  for (const [, potential, count] of last.matchAll(/^\s+(\d+)\s+2\s+(-?[\d.]+)\s*$/gm)) {
    const z = atomicNumbers.get(potential);
    if (z !== undefined && z >= METALS.first && z <= METALS.last) counts[`${potential}:${z}`] = Number(count);
  }
  return counts;
}
