import { firstAtOrAfter } from '../charts/shared-axis.ts';

/**
 * Which of many scans are drawn as columns: all where there is room, else one of each of `most` equal parts of the
 * range, one that is held if any is, so that a picture that moves on asks for little.
 * @param xs places of the scans, increasing
 * @returns their indices, increasing
 */
export function columnsOf(
  xs: readonly number[],
  [from, to]: readonly [number, number],
  most: number,
  isHeld: (index: number) => boolean,
): number[] {
  const first = firstAtOrAfter(xs, from);
  const last = firstAtOrAfter(xs, to);
  if (last - first <= most) return Array.from({ length: last - first }, (_, i) => first + i);
  const found: number[] = [];
  for (let part = 0, at = first; part < most; part++) {
    const end = part === most - 1 ? last : firstAtOrAfter(xs, from + ((part + 1) * (to - from)) / most);
    if (end <= at) continue;
    let chosen = end - 1;
    for (let i = end - 1; i >= at; i--) {
      if (!isHeld(i)) continue;
      chosen = i;
      break;
    }
    found.push(chosen);
    at = end;
  }
  return found;
}
