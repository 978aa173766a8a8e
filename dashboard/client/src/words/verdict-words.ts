import { type MeanMethod, VERDICT_REASONS } from '../../../../src/messages/judgement.ts';
import { REJECT_REASONS } from '../../../../src/messages/reject.ts';
import type { ScanDetail } from '../../../protocol/events.ts';

export type VerdictName = 'ACCEPT' | 'FLAG' | 'REJECT';

export const VERDICT_WORDS: Readonly<Record<VerdictName, string>> = {
  ACCEPT: 'accepted',
  FLAG: 'flagged',
  REJECT: 'rejected',
};

export const ADVICE_WORDS: Readonly<Record<string, { word: string; verdict: VerdictName }>> = {
  ACCEPT: { word: 'Accept', verdict: 'ACCEPT' },
  ACCUMULATE: { word: 'Accumulate: measure more and average', verdict: 'FLAG' },
  RESCAN: { word: 'Rescan', verdict: 'REJECT' },
  INSPECT: { word: 'Look at it before acting on a class', verdict: 'FLAG' },
};

/** A code from the wire that this page does not know yet is shown as it is. */
export const verdictReason = (code: string): string => lookup(VERDICT_REASONS, code) ?? code;
export const rejectReason = (code: string): string => lookup(REJECT_REASONS, code) ?? code;

const SHORT_REASONS: Readonly<Record<string, string>> = {
  'noise-above-threshold': 'noise',
  'low-confidence': 'low confidence',
  'wide-interval': 'a wide interval',
  'out-of-distribution': 'unlike the training spectra',
  'uncalibrated-element': 'too little evidence on this element',
  'outside-classes': "a value outside the model's classes",
  'no-standard': 'a class that theory does not settle',
  'standards-disagree': 'standards that disagree with the model',
  'mixed-sites': 'sites that differ',
};
/** For a sentence: "rejected for …". */
export const shortReason = (code: string): string => lookup(SHORT_REASONS, code) ?? code;

const METHODS: Readonly<Record<MeanMethod, string>> = {
  network: 'the model alone',
  'one-standard': 'one standard',
  standards: 'two or more standards',
};
/** For "read by …". */
export const methodWords = (code: string): string => lookup(METHODS, code) ?? code;

const SHIFT_SOURCES: Readonly<Record<string, string>> = {
  'reference-foil': 'its own reference foil',
  'standard-foil': 'a foil measured before',
};
/** For "from …". */
export const shiftSource = (code: string, energyScale: string): string =>
  code === 'table' ? `the table for ${energyScale}` : (lookup(SHIFT_SOURCES, code) ?? code);

/** `34% likely`. */
export function likelihood(probability: number): string {
  if (probability < 0.01) return 'under 1% likely';
  if (probability > 0.99) return 'over 99% likely';
  return `${Math.round(100 * probability)}% likely`;
}

/** Reasons that a trust below its threshold gives. */
const FALLS_SHORT: readonly string[] = ['low-confidence', 'wide-interval', 'mixed-sites'];

/** Of what is flagged since it is trusted too little: ` (trust 0.81 of 0.92)`, or that no trust would do. */
export function shortfall(
  reason: string,
  { trust, trustThreshold }: Pick<ScanDetail['descriptors'][number], 'trust' | 'trustThreshold'>,
): string {
  if (!FALLS_SHORT.includes(reason) || trust === null) return '';
  if (trustThreshold === null) return ` (trust ${trust.toFixed(2)}; none is enough)`;
  const digits = trust.toFixed(2) === trustThreshold.toFixed(2) ? 3 : 2; // 0.90 of 0.90 would be enough
  return ` (trust ${trust.toFixed(digits)} of ${trustThreshold.toFixed(digits)})`;
}

/** Values of one verdict and reason together, in the order of the first of each. */
export function byVerdict<Judged extends { readonly verdict: VerdictName; readonly reason: string }>(
  values: readonly Judged[],
): readonly (readonly Judged[])[] {
  const found = new Map<string, Judged[]>();
  for (const value of values) {
    const key = `${value.verdict} ${value.reason}`;
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return [...found.values()];
}

const lookup = (table: Readonly<Record<string, string>>, code: string): string | undefined =>
  Object.hasOwn(table, code) ? table[code] : undefined;
