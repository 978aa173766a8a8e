import type { Reject } from '../messages/reject.ts';
import type { ReadFile } from './columns.ts';
import { type FileOptions, readColumnsFile } from './columns-file.ts';
import { decodeText } from './decode-text.ts';
import { isXdi, readXdiFile } from './xdi.ts';

/** A file of one scan, by what is in it: XDI, else plain columns; options win over what the file says of itself. */
export function readScanFile(
  bytes: Uint8Array,
  fileName: string,
  options: FileOptions = {},
): ReadFile | Reject {
  const text = decodeText(bytes);
  if (!isXdi(text) && !/\.xdi?$/i.test(fileName)) return readColumnsFile(text, fileName, options);
  const read = readXdiFile(text, fileName, options);
  if ('kind' in read) return read;
  const { element, edge } = options;
  const told = { ...(element && { element }), ...(edge && { edge }) };
  return { ...read, candidates: read.candidates.map((scan) => ({ ...scan, ...told })) };
}
