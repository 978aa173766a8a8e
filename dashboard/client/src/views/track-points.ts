import { readingOf } from '../../../../src/messages/scan-reading.ts';
import type { ScanRow } from '../../../protocol/events.ts';
import type { TimelinePoint } from '../charts/timeline-chart.ts';
import { withSign } from '../words/format.ts';
import { VERDICT_WORDS, type VerdictName } from '../words/verdict-words.ts';

/** What a track draws of each scan: a reading, the noise, or a condition that the beamline recorded with it. */
export type Quantity =
  | { readonly kind: 'reading'; readonly name: string }
  | { readonly kind: 'noise'; readonly name: 'noise' }
  | { readonly kind: 'condition'; readonly name: string };

export function pointOf(row: ScanRow, { kind, name }: Quantity): TimelinePoint {
  if (kind === 'noise') return noisePoint(row);
  if (kind === 'condition') return { ...PLAIN, value: conditionOf(row, name) };
  const { value = null, low = null, high = null, verdict = 'REJECT' } = readingOf(row, name) ?? {};
  return { value, low, high, verdict, limit: null };
}

const PLAIN = { low: null, high: null, verdict: null, limit: null } as const;

export const conditionOf = ({ conditions = {} }: ScanRow, name: string): number | null =>
  Object.hasOwn(conditions, name) ? conditions[name]! : null;

/**
 * Noise against the threshold of the first descriptor that has one, the oxidation state if it can: above it that is not
 * accepted.
 */
function noisePoint(row: ScanRow): TimelinePoint {
  const limited = row.descriptors.filter(({ noiseThreshold }) => (noiseThreshold ?? 0) > 0);
  const first = limited.find(({ name }) => name === 'OS') ?? limited[0];
  const limit = first?.noiseThreshold ?? null;
  const sigma = row.noiseSigma;
  const verdict: VerdictName = sigma !== null && limit !== null && sigma > limit ? 'REJECT' : 'ACCEPT';
  return { value: sigma, low: null, high: null, verdict, limit };
}

/** `class +3, flagged`: what the scan is taken for if all its sites are alike. */
export function classWords(row: ScanRow, name: string): string {
  const found = row.descriptors.find((descriptor) => descriptor.name === name);
  if (!found || found.value === null) return '';
  const value = name === 'OS' ? withSign(String(found.value)) : String(found.value);
  return `class ${value}, ${VERDICT_WORDS[found.verdict]}`;
}
