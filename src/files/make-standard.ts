import { createHash } from 'node:crypto';
import { isReject, type Reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import type { Standard } from '../messages/standard.ts';
import { encodeScan } from '../wire/scan-codec.ts';
import { checkStandard } from '../wire/standard-codec.ts';
import type { FileScan } from './scan-files.ts';

export type StandardFields = Pick<Standard, 'beamline' | 'validFromMs' | 'validUntilMs' | 'known'>;

/**
 * A standard of a measurement in a file: by the first of its signals that `read` can read, as it will be read by a
 * processor. A reject says why it cannot be one.
 */
export function makeStandard(
  { scan: first, candidates }: Pick<FileScan, 'scan' | 'candidates'>,
  fields: StandardFields,
  read: (scan: Scan) => unknown,
): Standard | Reject {
  if (isReject(first)) return first;
  let refused: Reject | null = null;
  for (const candidate of candidates) {
    const result = read(candidate);
    if (!isReject(result)) return standardOf(candidate, fields);
    refused ??= result;
  }
  if (refused === null) throw new RangeError('Expected at least one candidate, got none');
  return refused;
}

function standardOf(measured: Scan, fields: StandardFields): Standard | Reject {
  const { element, edge } = measured;
  // A file may not know when it was measured.
  const endedAtMs = measured.endedAtMs > 0 ? measured.endedAtMs : fields.validFromMs;
  const startedAtMs = measured.endedAtMs > 0 ? measured.startedAtMs : endedAtMs;
  const scan = { ...measured, beamline: fields.beamline, startedAtMs, endedAtMs };
  const unnamed = { ...fields, standardId: '', element, edge, scan };
  const standard: Standard = { ...unnamed, standardId: idOf(unnamed) };
  return checkStandard(standard, Buffer.from(standard.standardId)) ?? standard;
}

/** A name for people that no other standard has: what it is, and the beginning of a hash of all of it. */
function idOf({ beamline, element, edge, validFromMs, validUntilMs, known, scan }: Standard): string {
  const what = known.kind === 'foil' ? 'foil' : `os${known.value}`;
  const hash = createHash('sha256')
    .update(JSON.stringify([beamline, validFromMs, validUntilMs, known]))
    .update(encodeScan(scan).value)
    .digest('hex');
  return `${element}-${edge}-${what}-${hash.slice(0, 12)}`;
}
