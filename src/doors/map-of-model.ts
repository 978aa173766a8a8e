import { openBundle } from '../bundle/bundle.ts';
import { findByHash, type ModelSettings } from '../bundle/find-model.ts';
import type { SpectrumMap } from '../model/map.ts';

/** The training spectra of a model on its map, to be drawn. */
export type DrawnMap = Pick<SpectrumMap, 'element' | 'x' | 'y' | 'labels'>;

/**
 * The map of a model that judged scans.
 * @param hashStart first digits of its hash, as events have it
 * @returns null where this machine has no such model, or the model no map
 */
export type MapOfModel = (hashStart: string) => Promise<DrawnMap | null>;

/** Of the model that the settings ask for, and of those that the registry has. */
export const mapOfModel =
  (settings: ModelSettings): MapOfModel =>
  async (hashStart) => {
    const found = await findByHash(hashStart, settings);
    return found && openBundle(found.directory, found).map;
  };
