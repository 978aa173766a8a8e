import type { RequestRow } from '../../../protocol/events.ts';
import type { Asked } from '../state/asked.ts';
import { formatNumber, formatTime, plural } from './format.ts';

/** What was asked for: `4 more scans`, `stop`. A kind that this page does not know is shown as it is. */
export function wantedWords({ kind, scans, fromEv, toEv, text, standard }: RequestRow): string {
  if (kind === 'more-scans' && scans !== null) return plural(scans, 'more scan');
  if (kind === 'rescan') return 'the last scan again, changed';
  if (kind === 'next-energy-range')
    return `energies ${formatNumber(fromEv, 7)} to ${formatNumber(toEv, 7)} eV`;
  if (kind === 'annotate') return `a remark: ${text ?? ''}`;
  if (kind === 'set-standard') return `a standard: ${standard ?? ''}`;
  return kind;
}

/** What has become of it: `refused by P65 at 14:02:11: it cannot be carried out now: the shutter is closed`. */
export function standingWords({ request, said, standing }: Asked, nowMs: number): string {
  if (said === null) {
    const until = formatTime(request.validUntil, nowMs);
    return standing === 'open'
      ? `open until ${until}`
      : `unanswered: ${request.beamline} said nothing until ${until}`;
  }
  const head = `${standing} by ${said.by} at ${formatTime(said.at, nowMs)}`;
  const scans = said.scans === 0 ? '' : plural(said.scans, 'scan');
  const why = said.reason === 'ok' ? '' : acknowledgementReason(said.reason);
  return [head, scans, why, said.detail].filter(Boolean).join(': ');
}

/** In short, for a line beside others: `Last asked for: 4 more scans, done.` Empty: nothing was. */
export const lastAskedWords = (asked: Asked | undefined): string =>
  asked ? `Last asked for: ${wantedWords(asked.request)}, ${asked.standing}.` : '';

const REASONS: Readonly<Record<string, string>> = {
  expired: 'it was read too late',
  duplicate: 'it was there before',
  'malformed-request': 'it is malformed',
  'unknown-schema': 'its schema is unknown',
  'unknown-kind': 'its kind is unknown there',
  'not-allowed': 'it is not taken there, or not from this asker',
  replayed: 'it was asked because of a recording or a simulation',
  'not-possible': 'it cannot be carried out now',
  failed: 'it could not be carried out',
  restarted: 'the program that had accepted it began anew',
};
/** A code from the wire that this page does not know yet is shown as it is. */
export const acknowledgementReason = (code: string): string =>
  Object.hasOwn(REASONS, code) ? REASONS[code]! : code;
