import { describe, expect, test } from '@jest/globals';
import type { PublishedScan } from '../../demo/replay/operando-run.ts';
import { isKept, summary } from '../../demo/summary.ts';
import { makeTally, type Seen } from '../../demo/tally.ts';

const published = (sequence: number, sampleId = 'cell'): PublishedScan => ({
  scanId: `run-${sequence}`,
  sampleId,
  sequence,
  endedAtMs: 1000 + sequence,
  fault: null,
  lithium: 0.5,
  noise: 0.002,
});
const descriptors = (sequence: number, latencyMs = 10): Seen => ({
  kind: 'descriptors',
  scanId: `run-${sequence}`,
  seenAtMs: 1000 + sequence + latencyMs,
  verdicts: { 'mean OS': 'ACCEPT', OS: 'ACCEPT', CN: 'FLAG' },
  meanOxidationState: { value: 3.4, low: 3.25, high: 3.55, verdict: 'ACCEPT' },
});
const deadLetter = (sequence: number): Seen => ({
  kind: 'dead-letter',
  scanId: `run-${sequence}`,
  seenAtMs: 1010 + sequence,
  reason: 'non-finite',
});
const tallied = (scans: readonly PublishedScan[], outcomes: readonly Seen[]) => {
  const tally = makeTally(new Set(['run']));
  for (const scan of scans) tally.published(scan);
  for (const outcome of outcomes) tally.seen(outcome);
  return tally;
};

describe('tally', () => {
  test('one outcome each, descriptors or dead letter, is exactly once', () => {
    const tally = tallied([published(0), published(1)], [descriptors(0), deadLetter(1)]);
    expect(tally.breaches()).toEqual({ missing: [], doubled: [], outOfOrder: [] });
    expect(tally.counts()).toEqual({
      published: 2,
      descriptors: 1,
      deadLetters: 1,
      lag: 0,
      p50Ms: 10,
      p99Ms: 10,
    });
    expect(isKept(tally.breaches())).toBe(true);
  });

  test('a scan without outcome is missing, and is the lag', () => {
    const tally = tallied([published(0), published(1)], [descriptors(1)]);
    expect(tally.breaches().missing).toEqual(['run-0']);
    expect(tally.counts().lag).toBe(1);
    expect(isKept(tally.breaches())).toBe(false);
  });

  test('descriptors twice, or beside a dead letter, are doubled', () => {
    const scans = [published(0), published(1)];
    const tally = tallied(scans, [descriptors(0), descriptors(0), descriptors(1), deadLetter(1)]);
    expect(tally.breaches().doubled).toEqual(['run-0', 'run-1']);
  });

  test('order counts within a sample only', () => {
    const scans = [published(0), published(1), published(2, 'other')];
    expect(
      tallied(
        scans,
        [1, 0, 2].map((n) => descriptors(n)),
      ).breaches().outOfOrder,
    ).toEqual(['run-0']);
    expect(
      tallied(
        scans,
        [2, 0, 1].map((n) => descriptors(n)),
      ).breaches().outOfOrder,
    ).toEqual([]);
  });

  test('an outcome may come before the acknowledgement of its scan; others do not count', () => {
    const tally = makeTally(new Set(['run']));
    tally.seen(descriptors(0, 7));
    tally.seen({ ...deadLetter(0), scanId: 'someone-else-3' });
    tally.published(published(0));
    expect(tally.counts()).toMatchObject({ published: 1, descriptors: 1, deadLetters: 0, lag: 0, p50Ms: 7 });
    expect(isKept(tally.breaches())).toBe(true);
  });

  test('scans that were asked for are not of the plan, and do not count', () => {
    const asked: Seen = { ...descriptors(0), scanId: 'run-asked-000000' };
    const tally = tallied([published(0)], [descriptors(0), asked, asked]);
    expect(tally.counts()).toMatchObject({ published: 1, descriptors: 1 });
    expect(isKept(tally.breaches())).toBe(true);
  });

  test('what is done with is forgotten, what is not stays', () => {
    const tally = tallied([published(0), published(1)], [descriptors(0)]);
    tally.forget();
    expect(tally.scans().map(({ scan }) => scan.scanId)).toEqual(['run-1']);
    expect(tally.counts()).toMatchObject({ published: 2, descriptors: 1, lag: 1 });
  });

  test('quantiles are of the latencies in order', () => {
    const scans = Array.from({ length: 100 }, (_, i) => published(i));
    const tally = tallied(
      scans,
      scans.map(({ sequence }) => descriptors(sequence, 100 - sequence)),
    );
    expect(tally.counts()).toMatchObject({ p50Ms: 50, p99Ms: 99 });
  });
});

describe('summary', () => {
  test('shows verdicts, dead letters, the truth beside what was read, and whether exactly once held', () => {
    const tally = tallied([published(0), { ...published(1), fault: 'nan' }], [descriptors(0), deadLetter(1)]);
    const text = summary(tally);
    expect(text).toMatch(/^OS +1 +0 +0$/m);
    expect(text).toMatch(/^CN +0 +1 +0$/m);
    expect(text).toMatch(/^non-finite +nan +1$/m);
    expect(text).toMatch(/^mean OS +1 +0 +0$/m);
    expect(text).toMatch(/^ *0\.5 +3\.50 +3\.40 +3\.25 +3\.55 +1 +1 +3\.40 +3\.25 +3\.55 +1 +1$/m);
    expect(text).toContain(
      'Mean OS of accepted scans: off by 0.100 in the mean; the interval holds the truth in 1 of 1 (100%)',
    );
    expect(text).toContain('Exactly once: yes');
  });

  test('a mean that is not accepted, or whose interval misses the truth, is counted as that', () => {
    const read = (sequence: number, value: number, verdict: 'ACCEPT' | 'FLAG'): Seen => ({
      ...(descriptors(sequence) as Extract<Seen, { kind: 'descriptors' }>),
      meanOxidationState: { value, low: value - 0.1, high: value + 0.1, verdict },
    });
    const outcomes = [read(0, 3.7, 'ACCEPT'), read(1, 3.5, 'FLAG'), read(2, 3.6, 'FLAG')];
    const text = summary(tallied([published(0), published(1), published(2)], outcomes));
    expect(text).toMatch(/^ *0\.5 +3\.50 +3\.70 +3\.60 +3\.80 +0 +1 +3\.60 +3\.50 +3\.70 +2 +3$/m);
    expect(text).toMatch(/accepted scans: off by 0\.200 in the mean; .* 0 of 1 \(0%\)$/m);
    expect(text).toMatch(/all scans: off by 0\.100 in the mean; .* 2 of 3 \(67%\)$/m);
  });

  test('events without means leave the table empty, and say so', () => {
    const without = {
      ...(descriptors(0) as Extract<Seen, { kind: 'descriptors' }>),
      meanOxidationState: null,
    };
    expect(summary(tallied([published(0)], [without]))).toContain('Mean OS of all scans: none was read');
  });

  test('names the scans for which exactly once was broken', () => {
    expect(summary(tallied([published(0)], []))).toMatch(/Exactly once: NO\.\n {2}missing: 1, such as run-0/);
  });
});
