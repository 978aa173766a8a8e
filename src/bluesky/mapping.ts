import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FatalError } from '../common/errors.ts';

const text = z.string({ error: 'expected a text' }).min(1, { error: 'expected a text that is not empty' });
const dataKey = text;
/** One data key, or several of which the first that a run has counts. */
const dataKeys = z
  .union([dataKey, z.array(dataKey).min(1)], { error: 'expected a data key, or a list of them' })
  .transform((value) => (typeof value === 'string' ? [value] : value));

const PLACE = /^(start|descriptor|event|baseline)\.[^.].*$/;
const place = text.regex(PLACE, {
  error: 'expected a place such as start.sample.name, descriptor.x, event.KEY or baseline.KEY',
});
/** Which runs are meant, by texts at places of documents that are there when it is asked. */
const textsAt = (places: RegExp, error: string) =>
  z.record(text.regex(places, { error }), z.array(z.string()).min(1));

/** Where a text is found: the first of the places that holds one, or a text of its own. */
const source = z
  .union([place, z.array(place).min(1), z.strictObject({ value: text })], {
    error: 'expected a place such as start.element, a list of places, or {"value": "Fe"}',
  })
  .transform((value) => {
    if (typeof value === 'string') return { places: [value], value: null };
    return Array.isArray(value) ? { places: value, value: null } : { places: [], value: value.value };
  });

const schema = z.strictObject({
  beamline: text,
  stream: text.default('primary'),
  energy: dataKeys,
  energyUnit: z.enum(['eV', 'keV'], { error: 'expected eV or keV' }).optional(),
  mu: dataKeys.optional(),
  i0: dataKeys.optional(),
  it: dataKeys.optional(),
  if: z
    .union([dataKey, z.array(dataKey).min(1)], { error: 'expected a data key, or a list that is summed' })
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .optional(),
  ir: dataKeys.optional(),
  id: source.default({ places: ['start.uid'], value: null }),
  element: source,
  edge: source.default({ places: ['start.edge'], value: null }),
  sample: source.default({ places: ['start.sample.name', 'start.sample'], value: null }),
  run: source.default({ places: ['start.uid'], value: null }),
  mode: source.optional(),
  metadata: z.record(text, source).default({}),
  only: textsAt(/^start\.[^.]/, 'expected a place of the start, such as start.plan_name').default({}),
  last: textsAt(
    /^(start|descriptor|baseline)\.[^.]/,
    'expected a place such as start.last, descriptor.x or baseline.KEY',
  ).optional(),
  origin: z.enum(['LIVE', 'REPLAY'], { error: 'expected LIVE or REPLAY' }).default('LIVE'),
  stopSeconds: z.number().min(1).max(86_400).default(600),
  lateSeconds: z.number().min(0).max(3600).default(10),
  previews: z.number().int().min(0).max(100).default(0),
});

/** Where a text is found, each as `start.a.b`, `descriptor.a`, `event.KEY` (the mean) or `baseline.KEY`. */
export type TextSource = { readonly places: readonly string[]; readonly value: string | null };

/** How a beamline's Bluesky documents become scans; docs/bluesky.md says what each field means. */
export type BlueskyMapping = z.output<typeof schema>;

/** Reads the mapping from a JSON file. Throws a FatalError that names the file, the field and what it expects. */
export function readMapping(file: string): BlueskyMapping {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new FatalError(
      `Expected BLUESKY_MAPPING to name a JSON file, got ${file}: ${(error as Error).message}`,
    );
  }
  return parseMapping(json, file);
}

/** The same from JSON that was read; `file` is for the errors. */
export function parseMapping(json: unknown, file: string): BlueskyMapping {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const errors = parsed.error.issues.map((issue) => {
      const said = issue.code === 'invalid_key' ? issue.issues[0]! : issue; // why a key is wrong stands within
      return `${issue.path.join('.') || 'it'}: ${said.message}`;
    });
    throw new FatalError(`Expected ${file} to be a mapping of Bluesky documents:\n  ${errors.join('\n  ')}`);
  }
  const mapping = parsed.data;
  const isTransmission = mapping.i0 !== undefined && mapping.it !== undefined;
  const isFluorescence = mapping.i0 !== undefined && mapping.if !== undefined;
  if (mapping.mu === undefined && !isTransmission && !isFluorescence)
    throw new FatalError(`Expected ${file} to name mu, or i0 with it or if`);
  if (mapping.previews > 0 && mapping.id.places.some((each) => each.startsWith('event.')))
    throw new FatalError(
      `Expected id of ${file} to be known before the events, since previews name it, got ${mapping.id.places.join(', ')}`,
    );
  return mapping;
}
