import type { VerdictName } from '../words/verdict-words.ts';
import { rgb } from './rgb.ts';

/** Colours for canvases, read from the style sheet so that both themes have one source. */
export type Colours = {
  readonly ink: string;
  readonly dim: string;
  readonly faint: string;
  readonly grid: string;
  readonly range: string;
  /** Where there is little, in pictures of many spectra. */
  readonly shade: string;
  readonly page: string;
  /** Ends of a scale of values on the map. */
  readonly scale: readonly [lowest: string, highest: string];
  readonly verdict: Readonly<Record<VerdictName, string>>;
};

let cached: Colours | null = null;

export function colours(): Colours {
  if (cached) return cached;
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  cached = {
    ink: read('--ink'),
    dim: read('--dim'),
    faint: read('--faint'),
    grid: read('--grid'),
    range: read('--range'),
    shade: read('--shade'),
    page: read('--page'),
    scale: [read('--scale-low'), read('--scale-high')],
    verdict: { ACCEPT: read('--accept'), FLAG: read('--flag'), REJECT: read('--reject') },
  };
  return cached;
}

/** A colour of the scale, from 0 to 1. */
export function shadeOf(share: number): string {
  const [low, high] = colours().scale.map(rgb) as [number[], number[]];
  return `rgb(${low.map((from, i) => Math.round(from + share * (high[i]! - from))).join(' ')})`;
}

export const forgetColours = (): void => {
  cached = null;
};
