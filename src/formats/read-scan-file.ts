import type { Reject } from '../messages/reject.ts';
import { readBinaryTable } from './binary/binary-table.ts';
import type { FileOptions, ReadFile } from './columns.ts';
import { readColumnsFile, readTable } from './columns-file.ts';
import { decodeText } from './decode-text.ts';
import { knownHeader, MOST_LINES } from './known-header.ts';
import { isXdi, readXdiFile } from './xdi.ts';

/**
 * A file of one scan, by what is in it: numbers in binary of known programs, XDI, else plain columns; options win over
 * what the file says of itself.
 */
export function readScanFile(
  bytes: Uint8Array,
  fileName: string,
  options: FileOptions = {},
): ReadFile | Reject {
  const binary = readBinaryTable(bytes);
  if (binary !== null) return readTable(binary.table, bytes, fileName, options);
  const text = decodeText(bytes);
  const isNamedXdi = /\.xdi?$/i.test(fileName) && knownHeader(text.split(/\r\n|\r|\n/, MOST_LINES)) === null;
  if (!isXdi(text) && !isNamedXdi) return readColumnsFile(text, fileName, options);
  return readXdiFile(text, fileName, options);
}
