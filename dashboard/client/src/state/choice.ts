import { DESCRIPTOR_NAMES, type DescriptorName } from '../../../../src/messages/descriptor-names.ts';

/** What stands beneath the mean oxidation state. */
export const TABS = ['descriptors', 'spectra', 'conditions', 'map', 'changes', 'requests'] as const;
export type Tab = (typeof TABS)[number];

/** What stands beside the sample. */
export const SIDES = ['scan', 'compare'] as const;
export type Side = (typeof SIDES)[number];

/** What the horizontal axis counts: time, or the numbers of the scans in their run. */
export const AXES = ['time', 'scan'] as const;
export type AxisKind = (typeof AXES)[number];

/** How much of the map is seen: all of it, or where the scans of the sample lie. */
export const MAP_VIEWS = ['whole', 'near'] as const;
export type MapView = (typeof MAP_VIEWS)[number];

/** Scans that may be averaged. */
export const AVERAGES = [1, 4, 16] as const;
/** Scans that may be compared at once. */
export const MOST_PINS = 6;

/**
 * What the reader looks at, all of which the page's address says. `scanId` null: the newest scan of the sample.
 * `following`: a new run or sample is shown when its first scan comes; whoever chooses anything stays there.
 */
export type Choice = {
  readonly following: boolean;
  readonly runId: string | null;
  readonly sampleId: string | null;
  readonly scanId: string | null;
  readonly windowMs: number | null;
  readonly deadLetterId: string | null;
  readonly axis: AxisKind;
  /** Ends of what is shown of the axis: s since 1970, or scan numbers; null: all, or the window. */
  readonly zoom: readonly [from: number, to: number] | null;
  /** eV. */
  readonly energyZoom: readonly [from: number, to: number] | null;
  readonly tab: Tab;
  readonly side: Side;
  /** Scans that are compared, and by how much each is drawn above the one before, edge steps. */
  readonly pins: readonly string[];
  readonly offset: number;
  /** Spectra over time are drawn as what they differ by from the first that is shown. */
  readonly difference: boolean;
  /** The newest so many repeats are averaged. */
  readonly average: number;
  /** Descriptor that the map is coloured by. */
  readonly mapBy: DescriptorName;
  readonly mapView: MapView;
};

export const NOTHING_CHOSEN: Choice = {
  following: true,
  runId: null,
  sampleId: null,
  scanId: null,
  windowMs: null,
  deadLetterId: null,
  axis: 'time',
  zoom: null,
  energyZoom: null,
  tab: 'descriptors',
  side: 'scan',
  pins: [],
  offset: 0,
  difference: false,
  average: 1,
  mapBy: 'OS',
  mapView: 'whole',
};

const ID_NAMES = { run: 'runId', sample: 'sampleId', scan: 'scanId', letter: 'deadLetterId' } as const;
const LONGEST_ID = 300;

/** The part of the address behind `#`; what is as at first is left out. While following, the sample is too. */
export function addressOf(choice: Choice): string {
  const words = new URLSearchParams();
  for (const [name, key] of Object.entries(ID_NAMES)) {
    const id = choice[key];
    if (id !== null && !(choice.following && key === 'sampleId')) words.set(name, id);
  }
  if (choice.windowMs !== null) words.set('last', String(choice.windowMs / 60_000));
  if (choice.axis !== 'time') words.set('axis', choice.axis);
  if (choice.zoom) words.set('zoom', choice.zoom.map((end) => String(Number(end.toFixed(3)))).join('~'));
  if (choice.energyZoom) words.set('ev', choice.energyZoom.map((ev) => ev.toFixed(1)).join('~'));
  if (choice.tab !== 'descriptors') words.set('show', choice.tab);
  if (choice.side !== 'scan') words.set('beside', choice.side);
  for (const id of choice.pins) words.append('pin', id);
  if (choice.offset !== 0) words.set('offset', String(choice.offset));
  if (choice.average !== 1) words.set('average', String(choice.average));
  if (choice.difference) words.set('difference', '1');
  if (choice.mapBy !== 'OS') words.set('by', choice.mapBy);
  if (choice.mapView !== 'whole') words.set('map', choice.mapView);
  return words.toString();
}

/** What an address asks for; what it has wrong is as at first, since anyone can write an address. */
export function choiceOf(address: string): Choice {
  const words = new URLSearchParams(address);
  const id = (name: string) => {
    const text = words.get(name);
    return text === null || text === '' || text.length > LONGEST_ID ? null : text;
  };
  const [runId, sampleId, scanId] = [id('run'), id('sample'), id('scan')];
  const minutes = Number(words.get('last'));
  const pins = words.getAll('pin').filter((pin) => pin !== '' && pin.length <= LONGEST_ID);
  return {
    following: runId === null && sampleId === null && scanId === null,
    runId,
    sampleId,
    scanId: sampleId === null ? null : scanId,
    deadLetterId: id('letter'),
    windowMs: minutes > 0 && minutes < 1e6 ? minutes * 60_000 : null,
    axis: oneOf(AXES, words.get('axis')),
    zoom: rangeOf(words.get('zoom')),
    energyZoom: rangeOf(words.get('ev')),
    tab: oneOf(TABS, words.get('show')),
    side: oneOf(SIDES, words.get('beside')),
    pins: [...new Set(pins)].slice(0, MOST_PINS),
    offset: between(0, Number(words.get('offset')), 2),
    difference: words.get('difference') === '1',
    average: oneOf(AVERAGES, Number(words.get('average'))),
    mapBy: oneOf(DESCRIPTOR_NAMES, words.get('by')),
    mapView: oneOf(MAP_VIEWS, words.get('map')),
  };
}

/** The wanted one of them, else the first. */
const oneOf = <Value>(values: readonly Value[], wanted: unknown): Value =>
  values.find((value) => value === wanted) ?? values[0]!;

const between = (least: number, value: number, most: number): number =>
  Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : least;

function rangeOf(text: string | null): readonly [number, number] | null {
  const [from = Number.NaN, to = Number.NaN] = (text ?? '').split('~').map((end) => Number.parseFloat(end));
  return Number.isFinite(from) && to > from ? [from, to] : null;
}
