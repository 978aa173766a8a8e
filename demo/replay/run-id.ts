/** Name of a run that begins now, such as replay-20261123T034500123-seed1. */
export const newRunId = (seed: number, now: Date = new Date()): string =>
  `replay-${now.toISOString().replace(/[-:.Z]/g, '')}-seed${seed}`;
