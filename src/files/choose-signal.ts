import type { Prepared } from '../messages/prepared.ts';
import { isReject, type Reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';

const SIGNALS = {
  MU: 'the declared mu',
  TRANSMISSION: 'transmission',
  FLUORESCENCE: 'fluorescence',
} as const;

/**
 * The first of the signals of one measurement that can be read: those that are dead, dark or without an edge are left
 * out, and the notes say so. Where none can, the reject of the first.
 * @param candidates the same scan by its several signals, likeliest first
 */
export function chooseSignal(
  candidates: readonly Scan[],
  prepare: (scan: Scan) => Prepared | Reject,
  notes: readonly string[] = [],
): Prepared | Reject {
  const rejects: { readonly scan: Scan; readonly reject: Reject }[] = [];
  for (const scan of candidates) {
    const prepared = prepare(scan);
    if (isReject(prepared)) {
      rejects.push({ scan, reject: prepared });
      continue;
    }
    const passed = rejects.map((each) => `${SIGNALS[each.scan.mode]} was left out: ${each.reject.detail}`);
    const taken = rejects.length > 0 ? [`${SIGNALS[scan.mode]} was taken`] : [];
    return { ...prepared, notes: [...notes, ...passed, ...taken, ...prepared.notes] };
  }
  const [first] = rejects;
  if (first === undefined) throw new RangeError('Expected at least one candidate, got none');
  return first.reject;
}
