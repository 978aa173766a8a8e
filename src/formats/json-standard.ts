import { z } from 'zod';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import type { KnownOfStandard } from '../messages/standard.ts';
import { readJsonScan } from './json-scan.ts';

const schema = z.object({
  known: z.union([
    z.strictObject({ foil: z.literal(true) }),
    z.strictObject({
      meanOxidationState: z.number().min(-9).max(9),
      uncertainty: z.number().positive().max(9),
    }),
  ]),
});

export type JsonStandard = { readonly known: KnownOfStandard; readonly scan: Scan };

/**
 * A standard from one JSON object: a scan with `"known": {"foil": true}` or
 * `"known": {"meanOxidationState": x, "uncertainty": u}`.
 * @param where begins the sentence of a reject
 */
export function readJsonStandard(text: string, where: string): JsonStandard | Reject {
  const scan = readJsonScan(text, where);
  if (isReject(scan)) return scan;
  const parsed = schema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    return reject(
      'malformed-standard',
      `${where}: Expected known to be {"foil": true} or {"meanOxidationState": x, "uncertainty": u} with x from -9 ` +
        'to 9 and u above 0',
    );
  }
  const { known } = parsed.data;
  if ('foil' in known) return { known: { kind: 'foil' }, scan };
  const { meanOxidationState: value, uncertainty } = known;
  return { known: { kind: 'mean-oxidation-state', value, uncertainty }, scan };
}
