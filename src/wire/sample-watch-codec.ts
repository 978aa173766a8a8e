import { QUANTITIES, type Quantity } from '../messages/change-point.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { SampleWatch, Watch } from '../messages/sample-watch.ts';
import type { WireSampleWatch } from './generated.ts';
import { HEADER_FINGERPRINT, type WireType, wireType } from './wire-type.ts';

const SAMPLE_WATCH: WireType = wireType('sample-watch.v1.avsc');

/** Value and headers of what is known of a sample, for its topic. */
export function encodeSampleWatch(watch: SampleWatch): { value: Buffer; headers: Record<string, string> } {
  const { sinceMs, axis, watches, ...names } = watch;
  const value: WireSampleWatch = {
    ...names,
    since: sinceMs,
    binsFromEv: axis?.fromEv ?? null,
    leftOut: axis?.left ?? [],
    watches: QUANTITIES.map((quantity) => wireWatch(quantity, watches[quantity])),
  };
  return { value: SAMPLE_WATCH.encode(value), headers: { ...SAMPLE_WATCH.headers } };
}

type WireWatch = WireSampleWatch['watches'][number];

const wireWatch = (quantity: Quantity, watch: Watch): WireWatch => ({
  ...{ quantity, drifts: watch.course === 'line', perHour: watch.perHour, older: watch.older },
  ...{ scaleCount: watch.scale.count, scaleSquares: watch.scale.squares },
  newest: watch.newest.map(({ endedAtMs, ...rest }) => ({ ...rest, endedAt: endedAtMs })),
  levels: watch.levels.map(({ last, weight, values }) => ({
    ...{ lastScanId: last.scanId, lastEndedAt: last.endedAtMs, weight, values },
  })),
});

/** A record of that topic. Throws on bytes that do not decode: only the watchers write there. */
export function decodeSampleWatch({ value, headers }: Pick<SourceRecord, 'value' | 'headers'>): SampleWatch {
  const writer = headers[HEADER_FINGERPRINT]?.toString();
  const wire = SAMPLE_WATCH.decode(value ?? Buffer.alloc(0), writer) as WireSampleWatch;
  const { since, binsFromEv, leftOut, watches, ...names } = wire;
  const of = (quantity: Quantity): Watch => {
    const found = watches.find((each) => each.quantity === quantity);
    if (found === undefined) throw new Error(`Expected a watch of ${quantity}`);
    return watchOf(found);
  };
  return {
    ...names,
    sinceMs: since,
    axis: binsFromEv === null ? null : { fromEv: binsFromEv, left: leftOut },
    watches: { MEAN_OXIDATION_STATE: of('MEAN_OXIDATION_STATE'), SPECTRUM: of('SPECTRUM') },
  };
}

const watchOf = ({ drifts, perHour, older, scaleCount, scaleSquares, newest, levels }: WireWatch): Watch => ({
  ...{ course: drifts ? 'line' : 'level', perHour, older },
  scale: { count: scaleCount, squares: scaleSquares },
  newest: newest.map(({ endedAt, ...rest }) => ({ ...rest, endedAtMs: endedAt })),
  levels: levels.map(({ lastScanId, lastEndedAt, weight, values }) => ({
    ...{ last: { scanId: lastScanId, endedAtMs: lastEndedAt }, weight, values },
  })),
});
