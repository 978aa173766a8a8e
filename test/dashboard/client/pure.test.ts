import { describe, expect, test } from '@jest/globals';
import { residual } from '../../../dashboard/client/src/charts/residual.ts';
import { attention, byAttention } from '../../../dashboard/client/src/state/attention.ts';
import { clockOffset } from '../../../dashboard/client/src/state/clock-offset.ts';
import { freshness, usualInterval } from '../../../dashboard/client/src/state/freshness.ts';
import { latency } from '../../../dashboard/client/src/state/latency.ts';
import { freshTime, shutterTime } from '../../../dashboard/client/src/state/row-times.ts';
import { decodedHead, hexLines } from '../../../dashboard/client/src/views/hex.ts';
import type { TrailPoint } from '../../../dashboard/protocol/events.ts';
import { isBefore } from '../../../dashboard/protocol/is-before.ts';
import { scanRow } from '../../../src/producers/redis-projection-row.ts';
import { wireType } from '../../../src/wire/wire-type.ts';
import { fixtureEvent, seeded } from '../fixture-events.ts';

const trail = (...verdicts: string[]): TrailPoint[] => verdicts.map((verdict, i) => [i, 3, verdict]);

describe('attention', () => {
  test('half or more of the last eight', () => {
    expect(attention(trail(...Array(8).fill('ACCEPT')))).toBe(2);
    expect(attention(trail(...Array(4).fill('ACCEPT'), ...Array(4).fill('REJECT')))).toBe(0);
    expect(attention(trail(...Array(5).fill('ACCEPT'), 'REJECT', 'FLAG', 'FLAG'))).toBe(2);
    expect(attention(trail(...Array(4).fill('ACCEPT'), 'REJECT', 'FLAG', 'FLAG', 'FLAG'))).toBe(1);
    expect(attention(trail(...Array(30).fill('REJECT'), ...Array(8).fill('ACCEPT')))).toBe(2);
    expect(attention([])).toBe(2);
  });

  test('what needs it comes first, then by name, numbers as numbers', () => {
    const samples = [
      { sampleId: 'spot 10', attention: 2 },
      { sampleId: 'spot 9', attention: 2 },
      { sampleId: 'z', attention: 0 },
    ] as const;
    expect([...samples].sort(byAttention).map(({ sampleId }) => sampleId)).toEqual([
      'z',
      'spot 9',
      'spot 10',
    ]);
  });
});

describe('freshness', () => {
  test.each([
    [null, null, 'none'],
    [1_000, 100, 'live'],
    [4_999, 100, 'live'],
    [5_001, 100, 'stale'],
    [290_000, 60_000, 'live'],
    [301_000, 60_000, 'stale'],
    [599_000, 100, 'stale'],
    [601_000, 100, 'ended'],
    [601_000, 60_000, 'stale'],
    [60_000, null, 'live'],
    [601_000, null, 'ended'],
  ] as const)('an age of %p ms at one scan in %p ms is %p', (age, interval, expected) => {
    expect(freshness(age, interval)).toBe(expected);
  });

  test('the usual interval is not moved by one break', () => {
    expect(usualInterval([0, 100, 200, 90_000, 90_100])).toBe(100);
    expect(usualInterval([0, 100, 200])).toBeNull();
  });
});

describe('times of a row', () => {
  const row = (ageMs: number, origin: 'LIVE' | 'REPLAY') => {
    const event = fixtureEvent(0, { endedAt: 1_800_000_000_000 - ageMs, origin });
    const times = { ...event.times, publishedAt: 1_800_000_000_000_000 };
    return scanRow({ ...event, times }, 1_800_000_000_000);
  };

  test('a late live scan is late; an old recording is as fresh as its replay', () => {
    expect(shutterTime(row(3_600_000, 'LIVE'))).toBe(1_800_000_000_000 - 3_600_000);
    expect(shutterTime(row(3_600_000, 'REPLAY'))).toBeNull();
    expect(freshTime(row(3_600_000, 'REPLAY'))).toBe(1_800_000_000_000);
    expect(shutterTime(row(50, 'REPLAY'))).toBe(1_800_000_000_000 - 50);
  });

  test('a clock that cannot be right is not believed', () => {
    expect(row(-3_600_000, 'LIVE').endedAt).toBeNull();
    expect(row(1_800_000_000_000, 'LIVE').endedAt).toBeNull();
    expect(freshTime(row(-3_600_000, 'LIVE'))).toBe(1_800_000_000_000);
  });
});

describe('hex', () => {
  test('offset, bytes, text', () => {
    expect(hexLines(Uint8Array.from({ length: 17 }, (_, i) => 60 + i))).toEqual([
      '000000  3c 3d 3e 3f 40 41 42 43  44 45 46 47 48 49 4a 4b  <=>?@ABCDEFGHIJK',
      `000010  4c${' '.repeat(46)}  L`,
    ]);
    expect(hexLines(new Uint8Array())).toEqual([]);
  });

  const scan = wireType('scan.v1.avsc').encode({
    scanId: 'scan 1',
    runId: 'rün',
    sampleId: 's'.repeat(70),
    beamline: 'X10DA',
    element: 'Co',
    edge: 'K',
    mode: 'MU',
    energyEv: Float64Array.of(1, 2),
    mu: Float64Array.of(1, 2),
    i0: null,
    it: null,
    if: null,
    muReference: null,
    iReference: null,
    muSigma: null,
    startedAt: 0,
    endedAt: 1,
    sequence: 0,
    origin: 'LIVE',
    metadata: {},
  });

  test('the head of a scan, whole and truncated', () => {
    expect(Object.fromEntries(decodedHead(scan))).toEqual({
      scanId: 'scan 1',
      runId: 'rün',
      sampleId: 's'.repeat(70),
      beamline: 'X10DA',
      element: 'Co',
      edge: 'K',
    });
    expect(decodedHead(scan.subarray(0, 30))).toEqual([
      ['scanId', 'scan 1'],
      ['runId', 'rün'],
    ]);
  });

  test('what is no scan has no head, and never throws', () => {
    const random = seeded(1);
    for (let i = 0; i < 2_000; i++) {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256));
      for (const [, text] of decodedHead(bytes)) expect(typeof text).toBe('string');
    }
    expect(decodedHead(new Uint8Array())).toEqual([]);
    expect(decodedHead(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff))).toEqual([]);
  });
});

test('the residual of white noise has its standard deviation, and a parabola leaves none', () => {
  const random = seeded(7);
  const noise = Float32Array.from({ length: 20_000 }, () => {
    const gaussian = Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    return 0.03 * gaussian;
  });
  const left = residual(noise);
  const sigma = Math.sqrt(left.reduce((sum, value) => sum + value * value, 0) / left.length);
  expect(sigma).toBeGreaterThan(0.029);
  expect(sigma).toBeLessThan(0.031);
  const smooth = residual(Float32Array.from({ length: 50 }, (_, i) => 1 + 0.1 * i - 0.002 * i * i));
  expect(Math.max(...smooth.map(Math.abs))).toBeLessThan(1e-5);
});

test('ids of the log compare as numbers', () => {
  expect(isBefore('9-0', '10-0')).toBe(true);
  expect(isBefore('10-9', '10-10')).toBe(true);
  expect(isBefore('10-10', '10-10')).toBe(false);
  expect(isBefore('0-0', '1-0')).toBe(true);
});

describe('latency', () => {
  test('runs from the shutter to the frame, on the server clock', () => {
    let now = 1000;
    const delay = latency(() => now);
    expect(delay.percentile(0.5)).toBeNull();
    delay.arrived(900);
    now = 1016;
    delay.drawn();
    for (let i = 0; i < 99; i++) delay.arrived(1000);
    delay.drawn();
    expect(delay.percentile(0.5)).toBe(16);
    expect(delay.percentile(0.99)).toBe(116);
    expect(delay.count()).toBe(100);
  });

  test('does not count the sleep of a hidden page', () => {
    let now = 1000;
    const delay = latency(() => now);
    delay.arrived(990);
    delay.hidden();
    now = 60_000;
    delay.arrived(59_990);
    delay.drawn();
    expect([delay.count(), delay.percentile(0.99)]).toEqual([1, 10]);
  });

  test('keeps the last 500 only', () => {
    const delay = latency(() => 10);
    for (let i = 0; i < 2_000; i++) {
      delay.arrived(0);
      delay.drawn();
    }
    expect(delay.count()).toBe(500);
  });
});

test('the offset to the server comes from the quickest answer', async () => {
  const serverAhead = 5_000;
  const waits = [40, 2, 30, 35, 25];
  let asked = 0;
  const clock = clockOffset((answer) => {
    const wait = waits[asked++]!;
    // The slow way there and the quick way back make a slow answer lie by half its round trip.
    setTimeout(() => answer(performance.timeOrigin + performance.now() + serverAhead), wait);
  });
  clock.measure();
  while (asked < waits.length) await new Promise((resolve) => setTimeout(resolve, 10));
  const error = clock.serverNow() - (performance.timeOrigin + performance.now() + serverAhead);
  expect(Math.abs(error)).toBeLessThanOrEqual(clock.uncertaintyMs()! + 1);
  expect(clock.uncertaintyMs()!).toBeLessThan(20);
});
