/**
 * Whether bytes are one value of msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md), all of them, with no
 * array or map that claims more items than bytes are left for all that are still open. A decoder makes room for what is
 * claimed before it reads it: 2 kB of arrays within arrays, a million items each, would take gigabytes.
 */
export function isMsgpack(bytes: Buffer): boolean {
  let at = 0;
  let open = 1; // values that are still to come
  while (open > 0) {
    if (open > bytes.length - at) return false;
    const first = bytes[at]!;
    at += 1;
    open -= 1;
    if (first < 0x80 || first >= 0xe0) continue; // a small integer
    if (first < 0x90) open += 2 * (first & 15);
    else if (first < 0xa0) open += first & 15;
    else if (first < 0xc0) at += first & 31;
    else {
      const { lengthBytes, bytesEach, more, items } = KINDS[first - 0xc0]!;
      if (lengthBytes > bytes.length - at) return false;
      const count = lengthBytes === 0 ? 1 : bytes.readUIntBE(at, lengthBytes);
      at += lengthBytes + count * bytesEach + more;
      open += count * items;
    }
  }
  return at === bytes.length;
}

/** Of the first bytes 0xc0 to 0xdf: how long their count is, and what each that is counted takes. */
type Kind = {
  readonly lengthBytes: number;
  readonly bytesEach: number;
  readonly more: number;
  readonly items: number;
};
const fixed = (more: number): Kind => ({ lengthBytes: 0, bytesEach: 0, more, items: 0 });
const counted = (lengthBytes: number, more = 0): Kind => ({ lengthBytes, bytesEach: 1, more, items: 0 });
const holding = (lengthBytes: number, items: number): Kind => ({ lengthBytes, bytesEach: 0, more: 0, items });
/** 0xc1 is never used: longer than any bytes. */
const NEVER = fixed(Number.MAX_SAFE_INTEGER);
const KINDS: readonly Kind[] = [
  ...[fixed(0), NEVER, fixed(0), fixed(0)], // nil, false, true
  ...[counted(1), counted(2), counted(4)], // bin
  ...[counted(1, 1), counted(2, 1), counted(4, 1)], // ext, with its type
  ...[fixed(4), fixed(8)], // float
  ...[fixed(1), fixed(2), fixed(4), fixed(8)], // uint
  ...[fixed(1), fixed(2), fixed(4), fixed(8)], // int
  ...[fixed(2), fixed(3), fixed(5), fixed(9), fixed(17)], // fixext
  ...[counted(1), counted(2), counted(4)], // str
  ...[holding(2, 1), holding(4, 1)], // array
  ...[holding(2, 2), holding(4, 2)], // map
];
