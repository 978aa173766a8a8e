import { existsSync } from 'node:fs';
import { openBundle } from '../../src/bundle/bundle.ts';
import { FatalError } from '../../src/common/errors.ts';
import { foldOfSite } from '../data/folds.ts';
import { crossFitFolder } from '../training/cross-fit.ts';
import { SAME_FAMILY } from './series-section.ts';

/** The model of a cross-fit that has seen none of the family of the series. */
export function unseenFamilyOf(shipped: string): string {
  const { id } = openBundle(shipped, { gate: 'optional' }).manifest;
  const directory = crossFitFolder(id, foldOfSite({ group: SAME_FAMILY }));
  if (!existsSync(directory))
    throw new FatalError(
      `Expected a model of the cross-fit of ${id} in ${directory}: train with --cross-fit`,
    );
  return directory;
}

/** @throws FatalError where a model was trained on one of these sets */
export function requireNeverSeen(base: string, sets: readonly string[]): void {
  const { files = [] } = openBundle(base, { gate: 'optional' }).manifest.training;
  const seen = files.find(({ file }) => sets.some((set) => file.startsWith(`${set}/`)));
  if (seen !== undefined)
    throw new FatalError(
      `Expected ${base} never to have seen ${sets.join(' or ')}, got one trained on ${seen.file}: see --help`,
    );
}
