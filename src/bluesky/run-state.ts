import type { SourceRecord } from '../messages/record.ts';
import type { BlueskyDocument, BlueskyEvent, DataKey, Fields } from './decode-document.ts';
import type { BlueskyMapping } from './mapping.ts';
import { numbersOf } from './numpy-array.ts';

export type Descriptor = Extract<BlueskyDocument, { kind: 'descriptor' }>;
export type Stop = Extract<BlueskyDocument, { kind: 'stop' }>;

/** Events of one run that are kept; processors split sweeps, so that they may be more than one spectrum takes. */
export const MOST_POINTS = 200_000;

/** One value of an event: a number, several, or a text. */
export type PointValue = number | Float64Array | string;

/** An event, cut down to what the mapping asks for. */
export type Point = {
  readonly sequence: number;
  readonly timeMs: number;
  readonly values: Readonly<Record<string, PointValue>>;
};

/** Where the documents of a run lie: their first and their last offset, by partition. */
export type Extent = Map<number, { oldest: bigint; newest: bigint }>;

/** How far a run is measured: its events from the first on without a gap. */
export type Progress = {
  points: number;
  /** Between which energies they lie, eV. */
  lowEv: number;
  highEv: number;
  /** What must be covered for a preview, eV; null: not asked yet. */
  least: { readonly fromEv: number; readonly toEv: number } | null;
  /** Previews that were due. */
  previews: number;
  /** Points at which the next is due, once the first was. */
  nextAt: number;
};

/** What has come of a run, in whatever order. */
export type RunState = {
  readonly uid: string;
  start: { readonly timeMs: number; readonly fields: Fields } | null;
  stop: Stop | null;
  readonly descriptors: Map<string, Descriptor>;
  /** Events of the mapped stream by `seq_num`. */
  readonly points: Map<number, Point>;
  /** Those of them that nobody has looked at yet. */
  fresh: Point[];
  /** Whole spectra that became scans: their `seq_num`. */
  readonly published: Set<number>;
  /** What the stream `baseline` last said. */
  baseline: Point | null;
  /** Mapped data that only point to a file. */
  readonly elsewhere: Set<string>;
  readonly extent: Extent;
  /** The stop, else the start, else the first document that came: what a dead letter gives back. */
  record: SourceRecord;
  lastMs: number;
  tooManyPoints: boolean;
  /** Whether it is known that scans come of it, and was said that it has started. */
  hasStarted: boolean;
  readonly progress: Progress;
};

export const newRun = (uid: string, record: SourceRecord, nowMs: number): RunState => ({
  uid,
  start: null,
  stop: null,
  descriptors: new Map(),
  points: new Map(),
  fresh: [],
  published: new Set(),
  baseline: null,
  elsewhere: new Set(),
  extent: new Map(),
  record,
  lastMs: nowMs,
  tooManyPoints: false,
  hasStarted: false,
  progress: {
    ...{ points: 0, lowEv: Number.POSITIVE_INFINITY, highEv: Number.NEGATIVE_INFINITY },
    ...{ least: null, previews: 0, nextAt: 0 },
  },
});

export function widen(extent: Extent, { partition, offset }: SourceRecord): void {
  const known = extent.get(partition);
  if (known === undefined) extent.set(partition, { oldest: offset, newest: offset });
  else if (offset < known.oldest) known.oldest = offset;
  else if (offset > known.newest) known.newest = offset;
}

/** The data keys that a mapping asks of the events of its stream. */
export function mappedKeys(mapping: BlueskyMapping): ReadonlySet<string> {
  const sources = [
    mapping.id,
    mapping.element,
    mapping.edge,
    mapping.sample,
    mapping.run,
    ...Object.values(mapping.metadata),
  ];
  if (mapping.mode !== undefined) sources.push(mapping.mode);
  const told = sources.flatMap(({ places }) => places).filter((place) => place.startsWith('event.'));
  const { energy, mu, i0, it, ir } = mapping;
  const channels = [energy, mu, i0, it, ir, mapping.if].flatMap((keys) => keys ?? []);
  return new Set([...channels, ...told.map((place) => place.slice('event.'.length))]);
}

/** An event with the wanted keys alone (null: all), their values as numbers where they are. */
export function pointOf(event: BlueskyEvent, wanted: ReadonlySet<string> | null): Point {
  const values: Record<string, PointValue> = {};
  for (const [key, value] of Object.entries(event.data)) {
    if (wanted !== null && !wanted.has(key)) continue;
    const numbers = numbersOf(value);
    if (numbers !== null) values[key] = numbers.length === 1 ? numbers[0]! : numbers;
    else if (typeof value === 'string') values[key] = value;
  }
  return { sequence: event.sequence, timeMs: event.timeMs, values };
}

/** Data keys of the mapped stream. */
export function dataKeysOf(run: RunState, stream: string): ReadonlyMap<string, DataKey> {
  const keys = new Map<string, DataKey>();
  for (const descriptor of run.descriptors.values()) {
    if (descriptor.stream !== stream) continue;
    for (const [key, dataKey] of Object.entries(descriptor.dataKeys)) keys.set(key, dataKey);
  }
  return keys;
}

/** The text at the first of the places that has one; null where none has. */
export function textAt(run: RunState, places: readonly string[], points: readonly Point[]): string | null {
  for (const place of places) {
    const dot = place.indexOf('.');
    const [root, path] = [place.slice(0, dot), place.slice(dot + 1)];
    const found = textIn(run, root, path, points);
    if (found !== null) return found;
  }
  return null;
}

function textIn(run: RunState, root: string, path: string, points: readonly Point[]): string | null {
  if (root === 'start') return asText(walk(run.start?.fields, path));
  if (root === 'baseline') return asText(run.baseline?.values[path]);
  if (root === 'event') return meanText(points.map(({ values }) => values[path]));
  for (const descriptor of run.descriptors.values()) {
    const found = asText(walk(descriptor.fields, path));
    if (found !== null) return found;
  }
  return null;
}

/** `a.b` within maps, or a key that has the dot in it. */
function walk(fields: unknown, path: string): unknown {
  if (typeof fields !== 'object' || fields === null) return undefined;
  if (Object.hasOwn(fields, path)) return (fields as Record<string, unknown>)[path];
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const key = path.slice(0, dot);
    if (!Object.hasOwn(fields, key)) continue;
    const found = walk((fields as Record<string, unknown>)[key], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

function asText(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value.trim();
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const numbers = numbersOf(value);
  return numbers?.length === 1 ? String(numbers[0]) : null;
}

/** The mean of numbers, else the first text. */
function meanText(values: readonly (PointValue | undefined)[]): string | null {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (typeof value === 'string') return asText(value);
    for (const number of typeof value === 'number' ? [value] : (value ?? [])) {
      sum += number;
      count += 1;
    }
  }
  return count === 0 ? null : String(Number((sum / count).toPrecision(8)));
}
