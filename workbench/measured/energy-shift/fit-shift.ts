import { mean } from '../../report/statistics.ts';

/** What one scan of a standard scores at each shift and broadening. */
export type StandardScores = {
  readonly compound: string;
  /** [broadenings][shifts]; -Infinity where the scan cannot be read. */
  readonly scores: readonly (readonly number[])[];
};

export type ShiftFit = {
  /** Indices of the best. */
  readonly shift: number;
  readonly broadening: number;
  /** Shifts within half a unit of the best, at the best broadening for each: how well the standards fix it. */
  readonly from: number;
  readonly to: number;
  /** Best score at each broadening, over shifts: whether broadening helps at all. */
  readonly byBroadening: readonly number[];
};

/** Shifts whose score is so close to the best are as good. */
const AS_GOOD = 0.5;

/**
 * The shift and broadening with the largest mean score, compounds counting alike however many scans they have.
 * Where several shifts are best, the middle one.
 */
export function fitShift(standards: readonly StandardScores[]): ShiftFit {
  if (standards.length === 0) throw new RangeError('Expected at least one standard, got none');
  const compounds = [...new Set(standards.map(({ compound }) => compound))];
  const [first] = standards;
  const surface = first!.scores.map((row, b) =>
    row.map((_, s) =>
      mean(
        compounds.map((name) =>
          mean(standards.filter(({ compound }) => compound === name).map(({ scores }) => scores[b]![s]!)),
        ),
      ),
    ),
  );
  const byBroadening = surface.map((row) => Math.max(...row));
  const best = Math.max(...byBroadening);
  const broadening = byBroadening.indexOf(best);
  const ties = surface[broadening]!.flatMap((score, s) => (score > best - 1e-9 ? [s] : []));
  const near = first!.scores[0]!.flatMap((_, s) =>
    Math.max(...surface.map((row) => row[s]!)) > best - AS_GOOD ? [s] : [],
  );
  const shift = ties[Math.floor(ties.length / 2)] ?? 0;
  return { shift, broadening, from: near[0] ?? shift, to: near.at(-1) ?? shift, byBroadening };
}
