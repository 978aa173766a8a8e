import { createHash } from 'node:crypto';
import { capitalised } from '../common/capitalised.ts';
import { type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import { parseJsonScan } from '../wire/json-scan.ts';

/**
 * A scan from one line of a file: the JSON of `parseJsonScan`, whose names, times and origin may be left out.
 * @param where such as `scans.jsonl: line 3`, begins the sentence of a reject
 */
export function readJsonScan(text: string, where: string): Scan | Reject {
  const read = parseJsonScan(text);
  if (typeof read === 'string') return reject('malformed-json', `${where}: ${read}`);
  const { scanId, runId, sampleId, startedAtMs, endedAtMs, element, edge, origin } = read;
  return {
    ...read,
    scanId: scanId ?? createHash('sha256').update(text).digest('hex').slice(0, 32),
    runId: runId ?? where,
    sampleId: sampleId ?? scanId ?? where,
    element: capitalised(element),
    edge: capitalised(edge),
    startedAtMs: startedAtMs ?? 0,
    endedAtMs: endedAtMs ?? startedAtMs ?? 0,
    origin: origin ?? 'REPLAY',
  };
}
