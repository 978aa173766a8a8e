import { SITES_DIFFER } from '../../../../src/messages/judgement.ts';
import type { MeanRow, ScanRow } from '../../../protocol/events.ts';
import { formatHalf } from './format.ts';
import { byVerdict, likelihood, shortReason, VERDICT_WORDS } from './verdict-words.ts';

/**
 * The sentence of the advice, which is about the classes, and behind it what holds of the means: "The classes of OS, CN
 * and OCN can be acted on. So can the means of CN and OCN; the mean OS is too uncertain (± 0.6)."
 * @param adviceReason as the event has it; null: not here, or no longer
 */
export function adviceWords(row: Judged, adviceReason: string | null): string {
  const { advice, means = [] } = row;
  const accepted = means.filter(({ verdict }) => verdict === 'ACCEPT');
  const doubted = means.filter(({ verdict }) => verdict !== 'ACCEPT');
  const clauses = byVerdict(doubted).map(doubtOf);
  if (accepted.length > 0 && advice === 'ACCEPT' && adviceReason !== null)
    clauses.unshift(`so can ${doubted.length === 0 ? 'their means' : meansOf(accepted)}`);
  else if (accepted.length > 0) clauses.unshift(`${meansOf(accepted)} can be acted on`);
  const ofMeans = clauses.length === 0 ? '' : `${capital(clauses.join('; '))}.`;
  return [adviceReason, ofMeans, differing(row, adviceReason)].filter(Boolean).join(' ');
}

/** That sites probably differ, where the advice does not say so itself. */
function differing({ advice, descriptors, mixedSites = null }: Judged, adviceReason: string | null): string {
  const isSaid = advice === 'INSPECT' && descriptors.some(({ reason }) => reason === 'mixed-sites');
  if (mixedSites === null || mixedSites <= SITES_DIFFER || (isSaid && adviceReason !== null)) return '';
  return `Sites probably differ (${likelihood(mixedSites)}): a class need not hold for all of them.`;
}

type Judged = Pick<ScanRow, 'advice' | 'descriptors' | 'means' | 'mixedSites'>;

/** Why these means, which have one verdict and reason, are not to be acted on. */
function doubtOf(some: readonly MeanRow[]): string {
  const { verdict, reason } = some[0]!;
  const are = `${meansOf(some)} ${some.length === 1 ? 'is' : 'are'}`;
  if (reason !== 'wide-interval') return `${are} ${VERDICT_WORDS[verdict]} for ${shortReason(reason)}`;
  const halves = some.flatMap(({ low, high }) =>
    low === null || high === null ? [] : [formatHalf((high - low) / 2).replace(' ', '\u00a0')],
  );
  return `${are} too uncertain${halves.length === 0 ? '' : ` (${halves.join(', ')})`}`;
}

/** `the mean OS`, `the means of OS, CN and OCN`. */
function meansOf(some: readonly MeanRow[]): string {
  const names = some.map(({ name }) => name);
  if (names.length < 2) return `the mean ${names.join('')}`;
  return `the means of ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
