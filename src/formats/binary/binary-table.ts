import type { NumberTable } from '../number-table.ts';
import { readSsrlBinary } from './ssrl-binary.ts';
import { readX15b } from './x15b.ts';

/** Programs that write numbers in binary, by the names that notes call them. */
const READERS: Readonly<Record<string, (bytes: Buffer) => NumberTable | string | null>> = {
  "SSRL's Data Collector, binary": readSsrlBinary,
  'X15B, binary': readX15b,
};

/** The table of a file in binary, or a sentence that says what is wrong with it; null: it is no such file. */
export function readBinaryTable(
  bytes: Uint8Array,
): { readonly of: string; readonly table: NumberTable | string } | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [of, read] of Object.entries(READERS)) {
    const table = read(buffer);
    if (table !== null) return { of, table };
  }
  return null;
}
