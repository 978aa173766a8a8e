import { decompressBlock } from 'lz4js';

const MAGIC = 0x184d2204;
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 };
const UNCOMPRESSED = 0x8000_0000;

/**
 * An lz4 frame, block by block, so that nothing is unpacked beyond `most`; lz4js would make room for as much as the
 * blocks could hold. https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export function unpackLz4(bytes: Buffer, most: number): Buffer | null {
  if (bytes.readUInt32LE(0) !== MAGIC) throw new Error('no frame of lz4');
  const flags = bytes[4]!;
  const blockBytes = BLOCK_BYTES[(bytes[5]! >> 4) & 7];
  if (flags >> 6 !== 1 || blockBytes === undefined) throw new Error('a frame of an unknown version');
  const hasBlockSums = (flags & 0x10) !== 0;
  const hasSize = (flags & 0x08) !== 0;
  let at = hasSize ? 15 : 7; // magic, flags, block size, content size, checksum of these
  const out = new Uint8Array(Math.min(most, blocks(bytes, at, hasBlockSums) * blockBytes) + blockBytes);
  let length = 0;
  for (;;) {
    const field = bytes.readUInt32LE(at);
    at += 4;
    if (field === 0) return Buffer.from(out.buffer, 0, length);
    const size = field & ~UNCOMPRESSED;
    if (at + size > bytes.length) throw new Error('a frame that is cut off');
    if (field >= UNCOMPRESSED) {
      out.set(bytes.subarray(at, at + size), length);
      length += size;
    } else {
      const end = decompressBlock(bytes, out, at, size, length);
      if (end > length + blockBytes) throw new Error('a block of more than its frame allows');
      length = end;
    }
    if (length > most) return null;
    at += size + (hasBlockSums ? 4 : 0);
  }
}

function blocks(bytes: Buffer, from: number, hasBlockSums: boolean): number {
  let count = 0;
  for (let at = from; at + 4 <= bytes.length && bytes.readUInt32LE(at) !== 0; count += 1)
    at += 4 + (bytes.readUInt32LE(at) & ~UNCOMPRESSED) + (hasBlockSums ? 4 : 0);
  return count;
}
