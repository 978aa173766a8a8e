import type { NumberTable } from '../number-table.ts';

/** Lengths of the first record and of a point's, as FORTRAN writes them before and behind each, counted with both. */
const HEADER_BYTES = 212;
const POINT_BYTES = 64;
const NUMBERS = 14;
/** Numbers of a point: which they are is told by what they do. Those of the detector's windows follow each other. */
const COLUMNS: Readonly<Record<number, string>> = {
  ...{ 0: 'energy', 4: 'i0' },
  ...{ 6: 'window_1', 7: 'ifluor', 8: 'window_3', 9: 'window_4', 10: 'window_5' },
};

/**
 * X15B of the NSLS, in binary: a record of which the project's name is known, then a record of 14 floats a point.
 * @returns null: it is none; a sentence where a record is of another length
 */
export function readX15b(bytes: Buffer): NumberTable | string | null {
  const isHeader =
    bytes.length > HEADER_BYTES + 4 &&
    [0, HEADER_BYTES - 4].every((at) => bytes.readInt32LE(at) === HEADER_BYTES);
  if (!isHeader || bytes.readInt32LE(HEADER_BYTES) !== POINT_BYTES) return null;
  const rows: number[][] = [];
  const notes: string[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += POINT_BYTES) {
    if (at + POINT_BYTES > bytes.length) {
      notes.push('the last point is broken off and left out');
      break;
    }
    const length = bytes.readInt32LE(at);
    if (length !== POINT_BYTES) return `byte ${at}: Expected a record of ${POINT_BYTES} bytes, got ${length}`;
    rows.push(Array.from({ length: NUMBERS }, (_, i) => bytes.readFloatLE(at + 4 + 4 * i)));
  }
  const names = Array.from({ length: NUMBERS }, (_, i) => COLUMNS[i] ?? `number_${i + 1}`);
  const comment = bytes
    .toString('latin1', 8, HEADER_BYTES - 4)
    .replaceAll(/[^ -~]+/g, ' ')
    .trim();
  return {
    header: new Map(names.map((name, i) => [`column.${i + 1}`, name])),
    ...{ comments: [comment], legend: '', rows, notes },
  };
}
