import { ACCUMULATION_REASONS } from '../../../../src/messages/accumulation.ts';
import type { AccumulationRow } from '../../../protocol/events.ts';
import { formatTime, plural } from './format.ts';

/**
 * How far repeats are averaged: `Repeats: 3 scans averaged, 2 more needed.` Of several edges each is named. Empty: of
 * none.
 */
export function repeatsWords(rows: readonly AccumulationRow[], nowMs: number): string {
  const of = ({ element, edge }: AccumulationRow) => (rows.length > 1 ? ` of ${element} ${edge}` : '');
  return rows.map((row) => `Repeats${of(row)}: ${standing(row, nowMs)}.`).join(' ');
}

function standing({ status, reason, members, repeatsNeeded, at }: AccumulationRow, nowMs: number): string {
  const time = formatTime(at, nowMs);
  if (status === 'GROWING') {
    const needed = repeatsNeeded === null ? ' so far' : `, ${repeatsNeeded} more needed`;
    return `${plural(members, 'scan')} averaged${needed}`;
  }
  if (reason === 'accepted-alone') return `a scan was accepted by itself at ${time}`;
  if (status === 'ACCEPTED') return `mean of ${plural(members, 'scan')} accepted at ${time}`;
  return `stopped at ${time} with ${plural(members, 'scan')} and no accepted mean: ${accumulationReason(reason)}`;
}

/** A code from the wire that this page does not know yet is shown as it is. */
const accumulationReason = (code: string): string =>
  Object.hasOwn(ACCUMULATION_REASONS, code)
    ? ACCUMULATION_REASONS[code as keyof typeof ACCUMULATION_REASONS]
    : code;
