import { FatalError } from '../../src/common/errors.ts';

const MOST_LISTED = 10;

/**
 * Says what an import did not find.
 * @param faults one sentence for each thing that is missing
 * @param of how many were looked for, in all
 * @throws FatalError with the same text where nothing may be missing
 */
export function reportMissing(
  faults: readonly string[],
  of: number,
  { allowMissing, say }: { readonly allowMissing: boolean; readonly say: (line: string) => void },
): void {
  if (faults.length === 0) return;
  const more = faults.length - MOST_LISTED;
  const lines = [...faults.slice(0, MOST_LISTED), ...(more > 0 ? [`and ${more} more`] : [])];
  const text = `${lines.join('\n')}\n${faults.length} of ${of} spectra are missing`;
  if (!allowMissing) throw new FatalError(`${text}: nothing was written; --allow-missing writes the others`);
  say(text);
}
