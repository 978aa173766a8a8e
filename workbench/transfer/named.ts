import { openBundle } from '../../src/bundle/bundle.ts';

/** Which weights a figure is of. */
export function named(directory: string): string {
  const { id, hash } = openBundle(directory, { gate: 'optional' }).manifest;
  return `${id} (weights ${hash.slice(0, 12)})`;
}
