declare module 'snappyjs' {
  export function uncompress(bytes: Uint8Array): Uint8Array;
  export function compress(bytes: Uint8Array): Uint8Array;
}
declare module 'lz4js' {
  export function decompress(bytes: Uint8Array): Uint8Array;
}
