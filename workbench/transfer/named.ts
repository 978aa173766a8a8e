import { readManifest } from '../../src/model/manifest.ts';

/** Which weights a figure is of. */
export function named(directory: string): string {
  const { id, hash } = readManifest(directory);
  return `${id} (weights ${hash.slice(0, 12)})`;
}
