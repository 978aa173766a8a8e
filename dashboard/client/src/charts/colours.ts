import type { VerdictName } from '../words/verdict-words.ts';

/** Colours for canvases, read from the style sheet so that both themes have one source. */
export type Colours = {
  readonly ink: string;
  readonly dim: string;
  readonly faint: string;
  readonly grid: string;
  readonly range: string;
  /** Where there is little, in pictures of many spectra. */
  readonly shade: string;
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
    verdict: { ACCEPT: read('--accept'), FLAG: read('--flag'), REJECT: read('--reject') },
  };
  return cached;
}

export const forgetColours = (): void => {
  cached = null;
};
