import type { TrailPoint } from '../../../protocol/events.ts';

/** How much a sample asks for a person: 0 much, 1 some, 2 none. */
export type Attention = 0 | 1 | 2;

export const LOOK_BACK = 8;

/**
 * Judged over the last 8 scans, not the last one: at 10 scans a second single verdicts would shuffle the list faster
 * than anyone reads. 0: half or more rejected; 1: half or more not accepted.
 */
export function attention(trail: readonly TrailPoint[]): Attention {
  const recent = trail.slice(-LOOK_BACK);
  const share = (matches: (verdict: string) => boolean) =>
    recent.filter(([, , verdict]) => matches(verdict)).length / Math.max(1, recent.length);
  if (share((verdict) => verdict === 'REJECT') >= 0.5) return 0;
  if (share((verdict) => verdict !== 'ACCEPT') >= 0.5) return 1;
  return 2;
}

const NAMES = new Intl.Collator('en', { numeric: true });

/** Needs attention first; equals by name, so that rows keep their places while scans arrive. */
export const byAttention = <T extends { readonly sampleId: string; readonly attention: Attention }>(
  a: T,
  b: T,
): number => a.attention - b.attention || NAMES.compare(a.sampleId, b.sampleId);
