import { z } from 'zod';
import {
  CHANNEL_NAMES,
  type NO_CHANNELS,
  type Origin,
  SCAN_BOUNDS,
  type Scan,
  type ScanMode,
} from '../messages/scan.ts';
import { short } from './short.ts';

/** A scan as JSON has it. What is null here was not said: who reads it knows what then holds. */
export type JsonScan = Omit<
  Scan,
  'scanId' | 'runId' | 'sampleId' | 'startedAtMs' | 'endedAtMs' | 'origin'
> & {
  readonly scanId: string | null;
  readonly runId: string | null;
  readonly sampleId: string | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly origin: Origin | null;
};

/** Null is no number, which JSON cannot write. By hand: a checker of each item takes seconds for 16 MB. */
const numbers = z
  .custom<readonly unknown[]>(Array.isArray, { error: 'an array of numbers' })
  .transform((values, context) => {
    const array = new Float64Array(values.length);
    for (let i = 0; i < array.length; i += 1) {
      const value = values[i];
      if (value === null) array[i] = Number.NaN;
      else if (typeof value === 'number') array[i] = value;
      else {
        context.addIssue({ code: 'custom', path: [i], message: 'a number or null' });
        return z.NEVER;
      }
    }
    return array;
  });
const text = z.string({ error: 'a text' });
const symbol = text.min(1, { error: 'a text that is not empty' });
/** ms since 1970, whole ones, as Avro has them; whether they are is checked with the bounds of a scan. */
const time = z.number({ error: 'a number' }).transform(Math.round).nullish();
const MOST_SEQUENCE = SCAN_BOUNDS.largestSequence;
const word = <Word extends string>(...words: readonly [Word, ...Word[]]) =>
  text
    .transform((each) => each.toUpperCase())
    .pipe(z.enum(words, { error: words.join(' or ') }))
    .nullish();

const schema = z.object(
  {
    scanId: text.nullish(),
    id: text.nullish(),
    runId: text.nullish(),
    sampleId: text.nullish(),
    beamline: text.default(''),
    element: symbol,
    edge: symbol.default('K'),
    mode: word<ScanMode>('MU', 'TRANSMISSION', 'FLUORESCENCE'),
    energyEv: numbers,
    mu: numbers.nullish(),
    i0: numbers.nullish(),
    it: numbers.nullish(),
    if: numbers.nullish(),
    muReference: numbers.nullish(),
    iReference: numbers.nullish(),
    muSigma: numbers.nullish(),
    startedAt: time,
    startedAtMs: time,
    endedAt: time,
    endedAtMs: time,
    sequence: z
      .int({ error: 'an integer' })
      .min(-MOST_SEQUENCE, { error: `an integer from -${MOST_SEQUENCE} on` })
      .max(MOST_SEQUENCE, { error: `an integer up to ${MOST_SEQUENCE}` })
      .default(0),
    origin: word<Origin>('LIVE', 'REPLAY'),
    metadata: z
      .record(
        z.string(),
        z
          .union([z.string(), z.number(), z.boolean()], { error: 'a text, a number, true or false' })
          .transform(String),
        { error: 'an object' },
      )
      .default({}),
  },
  { error: 'an object' },
);

/**
 * One JSON object as a scan: the fields of xanes.v1.Scan by their names, of which `element`, `energyEv` and channels
 * are needed (docs/publish.md). `id` is taken for `scanId`, `startedAtMs` for `startedAt`. Without `mode` the channels
 * tell it. Nothing is checked here but the shape. A text as answer: the sentence that says what is wrong.
 */
export function parseJsonScan(text: string): JsonScan | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return `Expected a JSON object, got ${short((error as Error).message)}`;
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) return sentence(json, parsed.error.issues[0]!);
  const { id, scanId, mode, startedAt, startedAtMs, endedAt, endedAtMs, ...rest } = parsed.data;
  const channels = Object.fromEntries(CHANNEL_NAMES.map((each) => [each, rest[each] ?? null])) as Pick<
    Scan,
    keyof typeof NO_CHANNELS
  >;
  const told = channels.mu !== null ? 'MU' : channels.if !== null ? 'FLUORESCENCE' : 'TRANSMISSION';
  return {
    ...rest,
    ...channels,
    scanId: scanId ?? id ?? null,
    runId: rest.runId ?? null,
    sampleId: rest.sampleId ?? null,
    mode: mode ?? told,
    startedAtMs: startedAt ?? startedAtMs ?? null,
    endedAtMs: endedAt ?? endedAtMs ?? null,
    origin: rest.origin ?? null,
  };
}

/** The message of an issue says what was expected; the value that is there is named by its kind alone. */
function sentence(json: unknown, { path, message }: z.core.$ZodIssue): string {
  const field = path.join('.');
  const value = path.reduce((within, key) => (within as Record<PropertyKey, unknown> | null)?.[key], json);
  const kind =
    value === undefined
      ? 'nothing'
      : value === null
        ? 'null'
        : Array.isArray(value)
          ? 'an array'
          : typeof value;
  const got = typeof value === 'string' ? short(value) : kind;
  return `Expected ${field === '' ? 'a scan' : field} to be ${message}, got ${got}`;
}
