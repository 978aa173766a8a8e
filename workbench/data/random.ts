const { cos, imul, log, sin, sqrt } = Math; // looked up once: jest makes globals slow

/** Seeded random numbers: the same seed gives the same training run on one machine. */
export type Random = {
  /** In [0, 1). */
  uniform(): number;
  normal(): number;
  state(): RandomState;
  /** Goes on with the numbers that came after that state. */
  restore(state: RandomState): void;
};

export type RandomState = { readonly counter: number; readonly spare: number | null };

/** mulberry32 (public domain), and Box and Muller's normal numbers from it. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  let spare: number | null = null;
  function uniform(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = imul(state ^ (state >>> 15), state | 1);
    t ^= t + imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  function normal(): number {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = sqrt(-2 * log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * sin(angle);
    return radius * cos(angle);
  }
  return {
    uniform,
    normal,
    state: () => ({ counter: state, spare }),
    restore(from) {
      state = from.counter;
      spare = from.spare;
    },
  };
}

export function shuffle<T>(items: readonly T[], random: Random): T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled;
}
