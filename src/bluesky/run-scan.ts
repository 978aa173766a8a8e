import { capitalised } from '../common/capitalised.ts';
import { type Reject, reject } from '../messages/reject.ts';
import { NO_CHANNELS, NOTE_KEY, SCAN_BOUNDS, type Scan, type ScanMode } from '../messages/scan.ts';
import type { BlueskyMapping, TextSource } from './mapping.ts';
import { dataKeysOf, MOST_POINTS, type Point, type PointValue, type RunState, textAt } from './run-state.ts';

type Channel = 'energy' | 'mu' | 'i0' | 'it' | 'if' | 'ir';

/**
 * The scan that points of a run make, point by point.
 * @param notes what is to be said of it, a sentence each
 * @param points in the order of their `seq_num`
 */
export function scanOfPoints(
  run: RunState,
  mapping: BlueskyMapping,
  notes: readonly string[],
  points: readonly Point[] = allPoints(run),
): Scan | Reject {
  const sequence = Number(textAt(run, ['start.scan_id'], []) ?? 0);
  return scanOf(run, mapping, points, notes, (keys, channel) => columnOf(points, keys, channel), {
    suffix: '',
    startedAtMs: run.start!.timeMs,
    endedAtMs: run.stop?.timeMs ?? points.at(-1)?.timeMs ?? run.start!.timeMs,
    sequence:
      Number.isInteger(sequence) && sequence >= 0 && sequence <= SCAN_BOUNDS.largestSequence ? sequence : 0,
  });
}

const allPoints = ({ points }: RunState): readonly Point[] =>
  [...points.values()].sort((a, b) => a.sequence - b.sequence);

/** Energy of a point, eV; null where it is not one number, or its unit is not known. */
export function energyOfPoint(run: RunState, mapping: BlueskyMapping, { values }: Point): number | null {
  const dataKeys = dataKeysOf(run, mapping.stream);
  const [key] = keysOf(mapping, 'energy', dataKeys);
  const value = key === undefined ? undefined : values[key];
  if (typeof value !== 'number') return null;
  const factor = unitOf(mapping, dataKeys);
  return typeof factor === 'string' ? null : factor * value;
}

/** The scan of an event that holds a whole spectrum. */
export function scanOfEvent(run: RunState, mapping: BlueskyMapping, point: Point): Scan | Reject {
  const before = run.points.get(point.sequence - 1);
  return scanOf(run, mapping, [point], [], (keys) => spectrumOf(point, keys), {
    suffix: `/${point.sequence}`,
    startedAtMs: before?.timeMs ?? run.start!.timeMs,
    endedAtMs: point.timeMs,
    sequence: Math.max(0, point.sequence - 1),
  });
}

/** Whether an event holds a whole spectrum: its energies are several. */
export function isSpectrum(point: Point, mapping: BlueskyMapping): boolean {
  return mapping.energy.some((key) => point.values[key] instanceof Float64Array);
}

/** Values of a channel, the sum over `keys`; a sentence where they cannot be had. */
type ReadChannel = (keys: readonly string[], channel: Channel) => Float64Array | string;

function scanOf(
  run: RunState,
  mapping: BlueskyMapping,
  points: readonly Point[],
  notes: readonly string[],
  read: ReadChannel,
  told: Pick<Scan, 'startedAtMs' | 'endedAtMs' | 'sequence'> & { readonly suffix: string },
): Scan | Reject {
  const bad = (detail: string): Reject => reject('unmapped-run', `Run ${run.uid}: ${detail}`);
  const dataKeys = dataKeysOf(run, mapping.stream);
  const channels: Partial<Record<Channel, Float64Array>> = {};
  for (const channel of ['energy', 'mu', 'i0', 'it', 'if', 'ir'] as const) {
    const keys = keysOf(mapping, channel, dataKeys);
    if (keys.length === 0) continue;
    const missing = keys.find((key) => run.elsewhere.has(key));
    if (missing !== undefined)
      return bad(`Expected ${missing} within the events, got data in a file, which is not read`);
    const values = read(keys, channel);
    if (typeof values === 'string') return bad(values);
    channels[channel] = values;
  }
  if (channels.energy === undefined)
    return bad(`Expected a data key ${mapping.energy.join(' or ')} for the energy, got none`);
  const factor = unitOf(mapping, dataKeys);
  if (typeof factor === 'string') return bad(factor);
  if (run.tooManyPoints) return bad(`Expected at most ${MOST_POINTS} events, got more`);

  const textOf = (source: TextSource): string | null => source.value ?? textAt(run, source.places, points);
  const element = textOf(mapping.element);
  if (element === null)
    return bad(`Expected the absorber at ${mapping.element.places.join(' or ')}, got none`);
  const modeTold = mapping.mode === undefined ? null : textOf(mapping.mode);
  const mode = modeOf(modeTold, channels);
  if (mode === null) {
    const got = Object.keys(channels).join(', ');
    return bad(`Expected data keys for mu, or for i0 with it or if, got those of ${got}`);
  }
  const isAsTold = modeTold === null || modeTold.toUpperCase() === mode;
  const said = isAsTold ? notes : [...notes, modeNote(modeTold, mode)];
  return {
    ...NO_CHANNELS,
    scanId: (textOf(mapping.id) ?? run.uid) + told.suffix,
    sequence: told.sequence,
    runId: textOf(mapping.run) ?? run.uid,
    sampleId: textOf(mapping.sample) ?? run.uid,
    beamline: mapping.beamline,
    element: capitalised(element),
    edge: capitalised(textOf(mapping.edge) ?? 'K'),
    mode,
    energyEv: factor === 1 ? channels.energy : channels.energy.map((value) => factor * value),
    mu: channels.mu ?? null,
    i0: channels.i0 ?? null,
    it: channels.it ?? null,
    if: channels.if ?? null,
    iReference: channels.it === undefined ? null : (channels.ir ?? null),
    startedAtMs: Math.round(told.startedAtMs),
    endedAtMs: Math.round(told.endedAtMs),
    origin: mapping.origin,
    metadata: {
      ...metadataOf(run, mapping, textOf),
      ...(said.length > 0 && { [NOTE_KEY]: said.join('; ') }),
    },
  };
}

function metadataOf(
  run: RunState,
  mapping: BlueskyMapping,
  textOf: (source: TextSource) => string | null,
): Record<string, string> {
  const metadata: Record<string, string> = { 'bluesky.run': run.uid };
  for (const key of ['scan_id', 'plan_name'] as const) {
    const text = textAt(run, [`start.${key}`], []);
    if (text !== null) metadata[`bluesky.${key}`] = text;
  }
  if (run.stop !== null) metadata['bluesky.exit_status'] = run.stop.exitStatus;
  for (const [name, source] of Object.entries(mapping.metadata)) {
    const text = textOf(source);
    if (text !== null) metadata[name] = text;
  }
  return metadata;
}

/** Of fluorescence all keys that the run has, which are summed; of the others the first. */
function keysOf(
  mapping: BlueskyMapping,
  channel: Channel,
  dataKeys: ReadonlyMap<string, unknown>,
): readonly string[] {
  const there = (mapping[channel] ?? []).filter((key) => dataKeys.has(key));
  return channel === 'if' ? there : there.slice(0, 1);
}

/** eV per unit of the energies; a sentence where the unit is none of energy. */
function unitOf(
  mapping: BlueskyMapping,
  dataKeys: ReadonlyMap<string, { readonly units: string | null }>,
): number | string {
  const key = mapping.energy.find((each) => dataKeys.has(each))!;
  const unit = (mapping.energyUnit ?? dataKeys.get(key)?.units ?? 'eV').toLowerCase();
  if (unit === 'ev' || unit === '') return 1;
  if (unit === 'kev') return 1000;
  return `Expected the units of ${key} to be eV or keV, got ${unit}; energyUnit of the mapping names them`;
}

const modeNote = (told: string, mode: ScanMode): string =>
  `the run says its mode is ${told.slice(0, 200)}, for which it has no channels: it is read as ${mode.toLowerCase()}`;

/** The mode that a run tells, else, or where it lacks the channels for it, the first that it has channels for. */
function modeOf(told: string | null, channels: Partial<Record<Channel, Float64Array>>): ScanMode | null {
  const has = {
    MU: channels.mu !== undefined,
    FLUORESCENCE: channels.i0 !== undefined && channels.if !== undefined,
    TRANSMISSION: channels.i0 !== undefined && channels.it !== undefined,
  };
  const wanted = told?.toUpperCase();
  const modes = Object.keys(has) as ScanMode[];
  return modes.find((mode) => mode === wanted && has[mode]) ?? modes.find((mode) => has[mode]) ?? null;
}

/** A channel over the points: one number each, or for fluorescence the sum of what a detector's elements counted. */
function columnOf(
  points: readonly Point[],
  keys: readonly string[],
  channel: Channel,
): Float64Array | string {
  const column = new Float64Array(points.length);
  for (const [i, { sequence, values }] of points.entries()) {
    for (const key of keys) {
      const number = numberOf(values[key], channel === 'if');
      if (number === null)
        return `Expected ${key} of event ${sequence} to be a number, got ${kindOf(values[key])}`;
      column[i]! += number;
    }
  }
  return column;
}

function numberOf(value: PointValue | undefined, summed: boolean): number | null {
  if (typeof value === 'number') return value;
  if (!summed || !(value instanceof Float64Array)) return null;
  return value.reduce((sum, each) => sum + each, 0);
}

function spectrumOf({ sequence, values }: Point, keys: readonly string[]): Float64Array | string {
  let sum: Float64Array | null = null;
  for (const key of keys) {
    const value = values[key];
    if (!(value instanceof Float64Array))
      return `Expected ${key} of event ${sequence} to be a list of numbers, got ${kindOf(value)}`;
    if (sum === null) sum = Float64Array.from(value);
    else if (sum.length !== value.length)
      return `Expected ${key} of event ${sequence} to have ${sum.length} numbers, got ${value.length}`;
    else for (let i = 0; i < sum.length; i += 1) sum[i]! += value[i]!;
  }
  return sum!;
}

const kindOf = (value: PointValue | undefined): string => {
  if (value === undefined) return 'none';
  if (value instanceof Float64Array) return `${value.length} numbers`;
  return typeof value === 'string' ? 'a text' : 'one number';
};
