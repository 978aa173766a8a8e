/** The float32 numbers of a file, in a buffer of their own: what is read need not lie on a multiple of four. */
export function floats(bytes: Buffer): Float32Array {
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
