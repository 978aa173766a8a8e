import { decompress } from 'fzstd';

const MAGIC = 0xfd2fb528;
const MOST_OF_A_BLOCK = 131_072;

/**
 * A frame of zstd. What its blocks can hold is added up from their headers before anything is unpacked, and room is
 * made for just that: a header that claims a window of gigabytes costs nothing. The answer may have zeros behind its
 * end. https://github.com/facebook/zstd/blob/dev/doc/zstd_compression_format.md
 */
export function unpackZstd(bytes: Buffer, most: number): Buffer | null {
  const bound = frameBound(bytes);
  if (bound > most) return null;
  const unpacked = decompress(bytes, new Uint8Array(bound + MOST_OF_A_BLOCK)); // room to unpack the last block in
  return Buffer.from(unpacked.buffer, unpacked.byteOffset, bound);
}

/** At most so many bytes are in the frame. */
function frameBound(bytes: Buffer): number {
  if (bytes.readUInt32LE(0) !== MAGIC) throw new Error('no frame of zstd');
  const flags = bytes[4]!;
  const isSingleSegment = (flags >> 5) & 1;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
  const sizeBytes = flags >> 6 ? 1 << (flags >> 6) : isSingleSegment;
  let at = 6 - isSingleSegment + dictionaryBytes + sizeBytes;
  let bound = 0;
  for (let isLast = false; !isLast; ) {
    const header = bytes.readUIntLE(at, 3);
    isLast = (header & 1) === 1;
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === 3 || at + 3 + (type === 1 ? 1 : size) > bytes.length)
      throw new Error('a frame that is cut off');
    bound += type === 2 ? MOST_OF_A_BLOCK : size;
    at += 3 + (type === 1 ? 1 : size); // of one byte repeated, only that byte is there
  }
  return bound;
}
