import type { KnownHeader } from './header.ts';

/** angstrom. The files do not name their crystals; those that were found are of these. */
const SI_111 = 3.13543;
const OVER = /^\s*(?:END\b|DATA ABORTED)/i;
/** Columns of a point's first line; counts of the detector's elements follow on lines of their own. */
const COUNTS = ['angle deg', 'time', 'i0', 'itrans', 'ifluor', 'total'];

/**
 * The SRS at Daresbury, and DUBBLE at the ESRF: `&SRS` to `&END`, comments behind a C, which may name the columns (soft
 * X-rays, in eV). Else a point is a line of the angle in thousandths of a degree, time, I0, transmission, the sum over
 * a detector's windows and all of its counts; the detector's elements follow, four on a line.
 */
export function readSrsHeader(lines: readonly string[]): KnownHeader | null {
  if (!/^\s*&SRS\b/.test(lines[0] ?? '')) return null;
  const end = lines.findIndex((line) => /^\s*&END\b/.test(line));
  const from = lines.findIndex((line, i) => i > end && !/^\s*C/.test(line));
  if (end < 0 || from < 0) return null;
  const legend = lines.slice(end, from).find((line) => /^\s*C\s+ENERGY\s/.test(line));
  const of = 'the SRS';
  if (legend !== undefined) {
    const columns = wordsOf(legend)
      .slice(1)
      .map((name) => (name === 'REFER' ? 'i0' : name.toLowerCase()));
    return { of, columns, from, points: upToTheEnd };
  }
  const note = 'the angles are taken as those of Si(111)';
  return { of, columns: COUNTS, dSpacing: SI_111, from, points: (rest) => countsOf(upToTheEnd(rest)), note };
}

const wordsOf = (line: string): string[] => line.trim().split(/\s+/);

function upToTheEnd(lines: readonly string[]): readonly string[] {
  const over = lines.findIndex((line) => OVER.test(line));
  return over < 0 ? lines : lines.slice(0, over);
}

const countsOf = (lines: readonly string[]): readonly string[] =>
  lines.map(wordsOf).flatMap(([angle, ...counts]) => {
    const isFirst = counts.length === COUNTS.length - 1;
    return isFirst ? [[Number(angle) / 1000, ...counts].join(' ')] : [];
  });
