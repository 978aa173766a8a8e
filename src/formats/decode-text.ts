/** The text of a file, without a byte order mark. */
export const decodeText = (bytes: Uint8Array): string => new TextDecoder(encodingOf(bytes)).decode(bytes);

/** UTF-8, or UTF-16 where a byte order mark or every other byte says so. @param head the first bytes of a file */
export function encodingOf(head: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = head;
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  // Without a mark: files of numbers are ASCII, so that every other byte of UTF-16 is zero.
  if (head.length > 1 && second === 0 && first !== 0) return 'utf-16le';
  if (head.length > 1 && first === 0 && second !== 0) return 'utf-16be';
  return 'utf-8';
}
