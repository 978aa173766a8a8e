import { isMsgpack } from './is-msgpack.ts';

/**
 * What bytes are that were taken for a plain scan and are none, where that can be told, and what to do about it. Only
 * what decodes whole is named: a first byte alone says nothing.
 * @param isScan whether bytes decode as a scan in plain Avro
 */
export function nameBytes(bytes: Buffer, isScan: (part: Buffer) => boolean): string | null {
  const first = bytes[0]!;
  if (first === 0 && bytes.length > 5 && isScan(bytes.subarray(5)))
    return `they are a scan in Confluent's wire format, schema id ${bytes.readUInt32BE(1)}: set SCHEMA_REGISTRY_URL`;
  if (isJson(bytes)) return 'they are JSON: send header content-type application/json with a scan in JSON';
  if (holdsOthers(first) && isMsgpack(bytes))
    return 'they are msgpack: Bluesky documents belong on a topic of their own, which npm run bluesky reads';
  return null;
}

function isJson(bytes: Buffer): boolean {
  const [first, last] = [
    bytes[0],
    bytes
      .toString('latin1', bytes.length - 16)
      .trimEnd()
      .at(-1),
  ];
  if (!(first === OPENING_BRACE && last === '}') && !(first === OPENING_BRACKET && last === ']'))
    return false;
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

const OPENING_BRACE = 0x7b;
const OPENING_BRACKET = 0x5b;

/** Whether msgpack that begins so is a map or an array; single numbers and texts would be found in anything. */
const holdsOthers = (first: number): boolean =>
  (first > 0x80 && first <= 0x9f) || (first >= 0xdc && first <= 0xdf);
