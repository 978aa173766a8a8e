const PER_LINE = 16;

/** The classic dump: offset, bytes in hex, printable ASCII. */
export function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += PER_LINE) {
    const some = [...bytes.subarray(start, start + PER_LINE)];
    const hex = some.map((byte) => byte.toString(16).padStart(2, '0'));
    const left = hex.slice(0, 8).join(' ').padEnd(23);
    const right = hex.slice(8).join(' ').padEnd(23);
    lines.push(`${start.toString(16).padStart(6, '0')}  ${left}  ${right}  ${some.map(printable).join('')}`);
  }
  return lines;
}

const printable = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');

const HEAD_FIELDS = ['scanId', 'runId', 'sampleId', 'beamline', 'element', 'edge'] as const;
const LONGEST = 1_000;

/**
 * The text fields that an Avro scan begins with (schemas/scan.v1.avsc), as far as the bytes hold them: a truncated
 * record still tells where it came from. Empty when the bytes do not look like such a record.
 */
export function decodedHead(bytes: Uint8Array): readonly (readonly [field: string, text: string])[] {
  const found: [string, string][] = [];
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let at = 0;
  for (const field of HEAD_FIELDS) {
    const length = readVarint();
    if (length === null || length < 0 || length > LONGEST || at + length > bytes.length) break;
    try {
      found.push([field, decoder.decode(bytes.subarray(at, at + length))]);
    } catch {
      break;
    }
    at += length;
  }
  return found.length >= 2 ? found : [];

  /** A zigzag varint of at most four bytes. */
  function readVarint(): number | null {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return null;
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return (value >>> 1) ^ -(value & 1);
    }
    return null;
  }
}
