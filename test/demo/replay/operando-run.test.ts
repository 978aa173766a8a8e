import { describe, expect, test } from '@jest/globals';
import { mixAt, readCathodeSeries } from '../../../demo/replay/cathode-series.ts';
import { faultAt, lithiumAt, noiseAt, operandoRun, type RunPlan } from '../../../demo/replay/operando-run.ts';
import { decodeScan } from '../../../src/wire/scan-codec.ts';

const plan: RunPlan = { seed: 7, samples: 3, scans: 240 };
const at = { runId: 'run', startedAtMs: 1000, endedAtMs: 2000 };
const series = readCathodeSeries();
const run = operandoRun(plan, series);

const decoded = (sequence: number) => {
  const { key, value, headers } = run.scanAt(sequence, at);
  return decodeScan({
    topic: 'scans',
    partition: 0,
    offset: 0n,
    timestampMs: 0,
    key: Buffer.from(key),
    value,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    receivedAtMs: 0,
  });
};
const scanOf = (sequence: number) => {
  const scan = decoded(sequence);
  if ('reason' in scan) throw new Error(scan.detail);
  return scan;
};

describe('operandoRun', () => {
  test('the same plan gives the same bytes, another seed others', () => {
    const again = operandoRun(plan, readCathodeSeries());
    const other = operandoRun({ ...plan, seed: 8 }, series);
    for (const sequence of [0, 11, 71, 150, 239]) {
      expect(again.scanAt(sequence, at).value.equals(run.scanAt(sequence, at).value)).toBe(true);
      expect(other.scanAt(sequence, at).value.equals(run.scanAt(sequence, at).value)).toBe(false);
    }
  });

  test('a scan does not depend on those before it', () => {
    const fresh = operandoRun(plan, series).scanAt(200, at);
    expect(fresh.value.equals(run.scanAt(200, at).value)).toBe(true);
  });

  test('a scan that was asked for is the planned one once more: other noise, no fault, a name and number of its own', () => {
    const place = 11;
    expect(faultAt(place)).toBe('nan');
    const asked = run.scanAt(place, { ...at, number: 240, repeat: 3 });
    expect(asked.known).toMatchObject({ fault: null, lithium: run.scanAt(place, at).known.lithium });
    expect(asked.scan).toMatchObject({
      scanId: 'run-asked-000003',
      sequence: 240,
      sampleId: 'LiCoO2-cell-3',
    });
    expect(asked.scan.it!.every(Number.isFinite)).toBe(true);
    const another = run.scanAt(place, { ...at, number: 241, repeat: 4 });
    expect(another.scan.it).not.toEqual(asked.scan.it);
  });

  test('a sound scan reads back with rising energies, positive channels and its truth', () => {
    for (let sequence = 0; sequence < plan.scans; sequence++) {
      if (faultAt(sequence)) continue;
      const scan = scanOf(sequence);
      const { energyEv, i0, it, metadata } = scan;
      expect(energyEv.every((ev, i) => i === 0 || ev > energyEv[i - 1]!)).toBe(true);
      expect(i0!.length).toBe(energyEv.length);
      expect([...i0!, ...it!].every((value) => Number.isFinite(value) && value > 0)).toBe(true);
      expect(Number(metadata['truth.meanOxidationState'])).toBeCloseTo(
        4 - Number(metadata['cell.lithium']),
        4,
      );
      expect(scan).toMatchObject({
        sequence,
        origin: 'REPLAY',
        element: 'Co',
        startedAtMs: 1000,
        endedAtMs: 2000,
      });
    }
  });

  test('each fault is what its name says', () => {
    const faulty = (fault: string) => {
      const sequence = Array.from({ length: plan.scans }, (_, i) => i).find((i) => faultAt(i) === fault)!;
      return { sequence, record: run.scanAt(sequence, at) };
    };
    expect(scanOf(faulty('nan').sequence).it!.filter(Number.isNaN)).toHaveLength(1);
    expect(decoded(faulty('truncated').sequence)).toMatchObject({ reason: 'malformed-avro' });
    expect(scanOf(faulty('wrong-element').sequence).element).toBe('Cu');
    const { i0, it } = scanOf(faulty('inverted').sequence);
    expect(i0!.every((value, i) => value < it![i]!)).toBe(true);
  });

  test('faults are few, of every kind, and at the same places in every run', () => {
    const faults = Array.from({ length: 120 }, (_, i) => faultAt(i));
    expect(faults.flatMap((fault, i) => (fault ? [`${i} ${fault}`] : []))).toEqual([
      '11 nan',
      '41 truncated',
      '71 wrong-element',
      '101 inverted',
    ]);
  });

  test('noise on the normalised scan is what the plan says, in the quiet and in the bad beam', () => {
    for (const sequence of [3, Math.round(0.7 * plan.scans)]) {
      const { known } = run.scanAt(sequence, at);
      const { i0, it, energyEv } = scanOf(sequence);
      const mu = Array.from(i0!, (value, i) => Math.log(value / it![i]!));
      // Second differences over the even part of the pre-edge: the smooth background drops out, noise counts sqrt(6).
      const even = mu.slice(
        0,
        energyEv.findIndex((ev) => ev > 7690),
      );
      const seconds = even.slice(2).map((value, i) => value - 2 * even[i + 1]! + even[i]!);
      const spread = Math.sqrt(seconds.reduce((sum, d) => sum + d * d, 0) / seconds.length / 6);
      const step = mu.at(-1)! - mu[0]!;
      expect(spread / step / known.noise).toBeGreaterThan(0.5);
      expect(spread / step / known.noise).toBeLessThan(2);
    }
    expect(noiseAt(0)).toBe(0.002);
    expect(noiseAt(0.7)).toBeCloseTo(0.08, 6);
    expect(noiseAt(1)).toBe(0.002);
  });

  test('one run takes the first cell from full to empty and back', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map(lithiumAt)).toEqual([1, 0.5, 0, 0.5, 1]);
  });
});

describe('mixAt', () => {
  const [co3, co4] = [3, 4].map((os) => series.states.find((state) => state.oxidationState === os)!.points);

  test('is a site spectrum of the series at either end', () => {
    expect([...mixAt(series, 1)]).toEqual([...co3!.at(-1)!.mu]);
    expect([...mixAt(series, 0)]).toEqual([...co4![0]!.mu]);
  });

  test('mixes the two kinds of cobalt by their share where both are at hand', () => {
    const lithium = 0.5;
    const expected = co3!
      .find((point) => point.lithium === lithium)!
      .mu.map((value, i) => 0.5 * value + 0.5 * co4!.find((point) => point.lithium === lithium)!.mu[i]!);
    expect(
      Math.max(...mixAt(series, lithium).map((value, i) => Math.abs(value - expected[i]!))),
    ).toBeLessThan(1e-12);
  });
});
