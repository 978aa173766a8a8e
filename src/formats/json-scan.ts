import { createHash } from 'node:crypto';
import { z } from 'zod';
import { capitalised } from '../capitalised.ts';
import { type Reject, reject } from '../messages/reject.ts';
import { CHANNEL_NAMES, type NO_CHANNELS, type Scan } from '../messages/scan.ts';

const numbers = z.array(z.number()).transform((values) => Float64Array.from(values));
const channel = numbers.nullish();

/** One scan as JSON: for those who have neither Avro nor XDI. */
const schema = z.object({
  id: z.string().optional(),
  element: z.string().min(1),
  edge: z.string().default('K'),
  energyEv: numbers,
  mode: z.enum(['mu', 'transmission', 'fluorescence']).optional(),
  mu: channel,
  i0: channel,
  it: channel,
  if: channel,
  muReference: channel,
  iReference: channel,
  muSigma: channel,
  sampleId: z.string().optional(),
  runId: z.string().optional(),
  beamline: z.string().default(''),
  sequence: z.int().default(0),
  startedAtMs: z.number().default(0),
  endedAtMs: z.number().optional(),
  metadata: z.record(z.string(), z.string()).default({}),
});

/**
 * A scan from one JSON object: `element`, `energyEv` and `mu`, or `i0` with `it` or `if`; optional are `id`, `edge`
 * (K),
 * `mode` (what the channels tell), `muReference`, `iReference`, `muSigma`, the names and times of a scan, `metadata`.
 * @param where such as `scans.jsonl: line 3`, begins the sentence of a reject
 */
export function readJsonScan(text: string, where: string): Scan | Reject {
  const bad = (detail: string): Reject => reject('malformed-json', `${where}: ${detail}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return bad(`Expected a JSON object, got ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return bad(`Expected ${issue.path.join('.') || 'a scan'}: ${issue.message}`);
  }
  const { id, element, edge, mode, sampleId, runId, endedAtMs, ...rest } = parsed.data;
  const channels = Object.fromEntries(CHANNEL_NAMES.map((name) => [name, rest[name] ?? null])) as Record<
    keyof typeof NO_CHANNELS,
    Float64Array | null
  >;
  const told = channels.mu !== null ? 'mu' : channels.if !== null ? 'fluorescence' : 'transmission';
  return {
    ...rest,
    ...channels,
    scanId: id ?? createHash('sha256').update(text).digest('hex').slice(0, 32),
    runId: runId ?? where,
    sampleId: sampleId ?? id ?? where,
    element: capitalised(element),
    edge: capitalised(edge),
    mode: { mu: 'MU', transmission: 'TRANSMISSION', fluorescence: 'FLUORESCENCE' }[
      mode ?? told
    ] as Scan['mode'],
    endedAtMs: endedAtMs ?? rest.startedAtMs,
    origin: 'REPLAY',
  };
}
