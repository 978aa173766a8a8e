import type { SourceRecord } from '../messages/record.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import { SCAN_BOUNDS as BOUNDS } from '../messages/scan.ts';
import { type KnownOfStandard, STANDARD_BOUNDS, type Standard } from '../messages/standard.ts';
import { fingerprintIn } from './decode-record.ts';
import type { WireStandard } from './generated.ts';
import { decodeScan, encodeScan, SCAN_FINGERPRINT } from './scan-codec.ts';
import { HEADER_FINGERPRINT, type WireType, wireType } from './wire-type.ts';

const STANDARD: WireType = wireType('standard.v1.avsc');

/** Bytes and headers of a standard for its topic; the record's key is `standardId`. */
export function encodeStandard(standard: Standard): { value: Buffer; headers: Record<string, string> } {
  const { standardId, beamline, element, edge, validFromMs, validUntilMs, known, scan } = standard;
  const value: WireStandard = {
    ...{ standardId, beamline, element, edge, validFrom: validFromMs, validUntil: validUntilMs },
    known: known.kind === 'foil' ? 'FOIL' : 'MEAN_OXIDATION_STATE',
    meanOxidationState: known.kind === 'foil' ? null : known.value,
    uncertainty: known.kind === 'foil' ? null : known.uncertainty,
    scan: encodeScan(scan).value,
    scanFingerprint: SCAN_FINGERPRINT,
  };
  return { value: STANDARD.encode(value), headers: { ...STANDARD.headers } };
}

/** A record of the standards topic that has a value, or what is wrong with it. */
export function decodeStandard(record: Pick<SourceRecord, 'key' | 'value' | 'headers'>): Standard | Reject {
  const { key, value, headers } = record;
  const fingerprint = fingerprintIn(headers);
  if (fingerprint !== undefined && !STANDARD.knows(fingerprint)) {
    return reject(
      'unknown-schema',
      `Expected header ${HEADER_FINGERPRINT} to be ${STANDARD.fingerprint}, got another`,
    );
  }
  let wire: WireStandard;
  try {
    wire = STANDARD.decode(value ?? Buffer.alloc(0), fingerprint) as WireStandard;
  } catch (error) {
    return reject('malformed-avro', `Expected a ${STANDARD.name}: ${(error as Error).message}`);
  }
  const scan = decodeScan({ ...NO_RECORD, value: wire.scan, headers: scanHeaders(wire) });
  if (isReject(scan)) return { ...scan, detail: `In the scan: ${scan.detail}` };
  const { standardId, beamline, element, edge, validFrom: validFromMs, validUntil: validUntilMs } = wire;
  const known = knownOf(wire);
  if (typeof known === 'string') return malformed(known);
  const standard = { standardId, beamline, element, edge, validFromMs, validUntilMs, known, scan };
  return checkStandard(standard, key) ?? standard;
}

/**
 * Null where a standard can be published and read; else what is wrong with it.
 * @param key of its record, which names it as it names itself
 */
export function checkStandard(standard: Standard, key: Buffer | null): Reject | null {
  const { standardId, beamline, element, edge, validFromMs, validUntilMs, known, scan } = standard;
  if (key?.toString() !== standardId) return malformed('Expected the record key to be standardId');
  for (const [name, text] of Object.entries({ standardId, beamline })) {
    if (text.length > BOUNDS.idLength || text === '')
      return malformed(`Expected ${name} to have 1 to ${BOUNDS.idLength} characters, got ${text.length}`);
  }
  if (scan.element !== element || scan.edge !== edge) {
    return malformed(
      `Expected the scan to be of ${element} ${edge}, as the standard, got ${scan.element} ${scan.edge}`,
    );
  }
  for (const [name, atMs] of Object.entries({ validFrom: validFromMs, validUntil: validUntilMs })) {
    if (atMs !== null && !(atMs >= BOUNDS.earliestMs && atMs < BOUNDS.latestMs))
      return malformed(`Expected ${name} to be ms since 1970 and before 2100, got ${atMs}`);
  }
  if (known.kind === 'foil') return null;
  const { largestOxidationState: most } = STANDARD_BOUNDS;
  if (!(Math.abs(known.value) <= most))
    return malformed(`Expected meanOxidationState to be from -${most} to ${most}, got ${known.value}`);
  if (!(known.uncertainty > 0 && known.uncertainty <= most))
    return malformed(`Expected uncertainty to be above 0 and at most ${most}, got ${known.uncertainty}`);
  return null;
}

function knownOf({ known, meanOxidationState, uncertainty }: WireStandard): KnownOfStandard | string {
  if (known === 'FOIL') return { kind: 'foil' };
  if (meanOxidationState === null) return 'Expected meanOxidationState to be given, got null';
  if (uncertainty === null) return 'Expected uncertainty to be given, got null';
  return { kind: 'mean-oxidation-state', value: meanOxidationState, uncertainty };
}

const malformed = (detail: string): Reject => reject('malformed-standard', detail);

const scanHeaders = ({ scanFingerprint }: WireStandard): Readonly<Record<string, Buffer>> =>
  scanFingerprint === '' ? {} : { [HEADER_FINGERPRINT]: Buffer.from(scanFingerprint) };

/** The scan within a standard lies at no place of its own. */
const NO_RECORD = { topic: '', partition: 0, offset: 0n, timestampMs: 0, key: null, receivedAtMs: 0 };
