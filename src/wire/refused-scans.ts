import type { Outcome } from '../messages/outcome.ts';
import { type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import type { WireDeadLetter } from './generated.ts';

type DeadLetter = Extract<Outcome, { readonly kind: 'dead-letter' }>;

/**
 * Why a record with several scans has a dead letter: the reason of the first that is refused, and a sentence that names
 * all of them, each with its own.
 * @param refused at least one of the `count` scans of the record
 */
export function refusalOfSeveral(refused: readonly DeadLetter[], count: number): Reject {
  const { reason, detail } = refused[0]!.reject;
  const which = refused.map(({ scan, reject: { reason: own } }) => named(scan?.scanId ?? '', own)).join(', ');
  return reject(reason, `${detail}; ${refused.length} of ${count} scans are refused: ${which}`);
}

/** Which of a record's scans its dead letter is of, each with its reason. */
export function refusedScans(
  { scanId, reason, detail }: Pick<WireDeadLetter, 'scanId' | 'reason' | 'detail'>,
  scans: readonly Scan[],
): readonly { readonly scan: Scan; readonly reason: string }[] {
  return scans.flatMap((scan) => {
    const own = reasonAfter(detail, named(scan.scanId, ''));
    if (scans.length > 1 && own !== null) return [{ scan, reason: own }];
    return scan.scanId === scanId ? [{ scan, reason }] : [];
  });
}

const named = (scanId: string, reason: string): string => `${scanId} (${reason}${reason === '' ? '' : ')'}`;

/** What stands in the parenthesis that some text opens. */
function reasonAfter(detail: string, text: string): string | null {
  const at = detail.lastIndexOf(` ${text}`);
  const end = detail.indexOf(')', at);
  return at < 0 || end < 0 ? null : detail.slice(at + 1 + text.length, end);
}
