import type { ModelInput } from '../../src/messages/prepared.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { type Site, toInput } from './dataset.ts';

/**
 * Sites with what a network reads of them; one of an absorber that it does not know, or short of the grid, is left out.
 */
export function inputsOf<T extends Site>(
  sites: readonly T[],
  { references, grid }: Pick<Manifest, 'references' | 'grid'>,
): { readonly site: T; readonly input: ModelInput }[] {
  return sites.flatMap((site) => {
    const reference = references.find(({ element }) => element === site.element);
    const input = reference === undefined ? null : toInput(site, reference, grid);
    return input === null ? [] : [{ site, input }];
  });
}
