import { UMAP } from 'umap-js';
import type { MapPoint } from '../../src/messages/map-point.ts';
import { type Random, seededRandom, shuffle } from '../data/random.ts';

/**
 * UMAP in two dimensions (McInnes, Healy, Melville, arXiv:1802.03426) of points [points, features]; the same points and
 * seed give the same map, to the last digit. Rotated so that the axes are those of its widest spread, since UMAP's are
 * random.
 * @param epochs as many as umap-js holds right for that many points, unless given
 */
export function fitMap(points: readonly ArrayLike<number>[], seed: number, epochs?: number): MapPoint[] {
  const random = seededRandom(seed).uniform;
  const umap = new UMAP({
    nNeighbors: 15,
    minDist: 0.1,
    random,
    ...(epochs === undefined ? {} : { nEpochs: epochs }),
  });
  const fitted = umap.fit(points.map((point) => Array.from(point)));
  const middle = [0, 1].map((axis) => fitted.reduce((sum, at) => sum + at[axis]!, 0) / fitted.length);
  const centred = fitted.map((at) => [at[0]! - middle[0]!, at[1]! - middle[1]!] as const);
  const moment = (a: 0 | 1, b: 0 | 1) => centred.reduce((sum, at) => sum + at[a] * at[b], 0);
  const angle = 0.5 * Math.atan2(2 * moment(0, 1), moment(0, 0) - moment(1, 1));
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return centred.map(([x, y]) => ({ x: rounded(cosine * x + sine * y), y: rounded(cosine * y - sine * x) }));
}

/** So many of the items, rare kinds whole and the common ones in equal number, in their order. */
export function evenSample<T>(
  items: readonly T[],
  kindOf: (item: T) => string,
  size: number,
  random: Random,
): T[] {
  const kinds = new Map<string, number[]>();
  for (const [i, item] of items.entries()) kinds.set(kindOf(item), [...(kinds.get(kindOf(item)) ?? []), i]);
  const smallestFirst = [...kinds.values()].sort((a, b) => a.length - b.length);
  const chosen: number[] = [];
  smallestFirst.forEach((own, i) => {
    const share = Math.floor((size - chosen.length) / (smallestFirst.length - i));
    chosen.push(...shuffle(own, random).slice(0, share));
  });
  return chosen.sort((a, b) => a - b).map((i) => items[i]!);
}

const rounded = (value: number) => Math.round(value * 1000) / 1000;
