import type { NumberTable } from '../number-table.ts';

/** So long is what a person wrote; then offsets, weights and labels of each column, and 16 bytes more. */
const HEADER_BYTES = 800;
const LABEL_BYTES = 20;
const GAP_BYTES = 16;

/**
 * A file of SSRL's XAFS Data Collector in binary: lines of text, then 32-bit floats point by point. Before version 2
 * they are those of a VAX (F_floating: the halves swapped, four times as large as IEEE 754 reads them).
 * @returns null: it is none; a sentence where it is cut off
 */
export function readSsrlBinary(bytes: Buffer): NumberTable | string | null {
  const head = bytes.toString('latin1', 0, HEADER_BYTES);
  const [, version] = /^SSRL - EXAFS Data Collector (\d+\.\d+)\s*\n\0/.exec(head) ?? [];
  const [, points = 0, columns = 0] =
    /\nPTS:\s*(\d+)\s+COLS:\s*(\d+)/.exec(head.replaceAll('\0', ''))?.map(Number) ?? [];
  if (version === undefined || !(points > 0 && columns > 0)) return null;
  const labelsAt = HEADER_BYTES + 2 * 4 * columns;
  const dataAt = labelsAt + LABEL_BYTES * columns + GAP_BYTES;
  const rowBytes = 4 * columns;
  const whole = Math.min(points, Math.floor((bytes.length - dataAt) / rowBytes));
  if (whole < 1) return `Expected ${points} points of ${columns} numbers, got ${bytes.length} bytes`;
  const numberAt = Number(version) < 2 ? vaxFloat : (at: number) => bytes.readFloatLE(at);
  function vaxFloat(at: number): number {
    return Buffer.from([bytes[at + 2]!, bytes[at + 3]!, bytes[at]!, bytes[at + 1]!]).readFloatLE(0) / 4;
  }
  const header = new Map<string, string>();
  for (let i = 0; i < columns; i += 1) {
    const at = labelsAt + i * LABEL_BYTES;
    const label = bytes
      .toString('latin1', at, at + LABEL_BYTES)
      .split(/[\n\0]/, 1)[0]!
      .trim();
    header.set(`column.${i + 1}`, label.replaceAll(/\s+/g, '_'));
  }
  return {
    header,
    comments: head
      .split('\n')
      .map((line) => line.replaceAll('\0', '').trim())
      .filter((line) => line !== ''),
    legend: '',
    rows: Array.from({ length: whole }, (_, row) =>
      Array.from({ length: columns }, (__, i) => numberAt(dataAt + row * rowBytes + 4 * i)),
    ),
    notes: whole < points ? [`the file ends after ${whole} of its ${points} points`] : [],
  };
}
