import type { Judgement } from '../messages/judgement.ts';
import type { MapPoint } from '../messages/map-point.ts';
import type { SpectrumMap } from '../model/map.ts';

/**
 * Where on a model's map a scan lies. Null for one that is unlike all that the model knows: among its neighbours it
 * would look as if it were one of them.
 * @param map of the model; null: it has none
 * @param embedding of the scan, [features]
 * @returns null also for an element that the map does not show
 */
export function placeOnMap(
  map: SpectrumMap | null,
  embedding: ArrayLike<number>,
  element: string,
  { outOfDistributionScore, outOfDistributionLimit }: Judgement,
): MapPoint | null {
  if (map === null || !(outOfDistributionScore <= outOfDistributionLimit)) return null;
  return map.locate(embedding, element);
}
