/** The text of a file: UTF-8, or UTF-16 where a byte order mark or every other byte says so. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  // Without a mark: files of numbers are ASCII, so that every other byte of UTF-16 is zero.
  if (bytes.length > 1 && second === 0 && first !== 0) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes.length > 1 && first === 0 && second !== 0) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder().decode(bytes);
}
