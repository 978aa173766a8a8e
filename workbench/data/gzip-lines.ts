import { gzip } from 'pako';

/**
 * JSON lines as bytes that depend on nothing but the text and the name. Node's own zlib packs the same text to
 * other bytes from version to version. pako 2 (3 no longer) packs as zlib's level 9 to the byte, and so as Python's
 * gzip, which made the files that models name by their hash.
 * @param name of the file without .gz, kept in the head
 */
export function gzipLines(text: string, name: string): Uint8Array {
  return gzip(text, { level: 9, header: { name, time: 0, os: 255 } } as Parameters<typeof gzip>[1]);
}
