import { describe, expect, test } from '@jest/globals';
import type { Prediction } from '../../src/messages/prediction.ts';
import { isReject, type Reject, reject } from '../../src/messages/reject.ts';
import type { Standard } from '../../src/messages/standard.ts';
import { makePrepareWithFoil } from '../../src/spectra/prepare.ts';
import { makePrepareFoil } from '../../src/spectra/prepare-foil.ts';
import { standardsOf, standardsReader } from '../../src/standards/standards-reader.ts';
import { standardsTable } from '../../src/standards/standards-table.ts';
import { COBALT, GRID, REFERENCES, scanOf, syntheticEdge } from '../spectra/synthetic-edge.ts';
import { foilOf, standardOf } from './example-standards.ts';

const model = { grid: GRID, references: REFERENCES };
const prepare = makePrepareWithFoil(model);
const prediction: Prediction = { outputs: {}, embedding: new Float32Array() };

function readerOf(
  standards: readonly Standard[],
  predict: () => Promise<Prediction | Reject> = async () => prediction,
) {
  const table = standardsTable();
  for (const standard of standards) table.put(standard);
  const unreadable: string[] = [];
  let predicted = 0;
  const read = standardsReader({
    prepare,
    prepareFoil: makePrepareFoil(model),
    predict: () => {
      predicted += 1;
      return predict();
    },
    applying: table.applying,
    onUnreadable: ({ standardId }, detail) => void unreadable.push(`${standardId}: ${detail}`),
  });
  return { table, read, unreadable, predicted: () => predicted };
}

const sample = syntheticEdge(COBALT);
const scan = scanOf({ ...sample, beamline: 'test', endedAtMs: 1000 });

describe('the standards of a scan, as the model reads them', () => {
  test('a foil, and a sample that was measured with the same monochromator', async () => {
    const high = { energyEv: sample.energyEv.map((energy) => energy + 3), mu: sample.mu };
    const { read, predicted, unreadable } = readerOf([foilOf(3), standardOf({}, high)]);
    const { foil, samples } = await read(scan);
    expect(foil!.offsetEv).toBeCloseTo(-3, 0);
    expect(samples).toHaveLength(1);
    expect(samples[0]!.prepared.preparation).toMatchObject({ energyShiftSource: 'standard-foil' });
    // Chain: the sample's shift is that of a scan that the foil moves, and brings it to where a right one lies.
    const right = prepare(scan, null);
    if (isReject(right)) throw new Error(right.detail);
    const mu = samples[0]!.prepared.input.mu;
    expect(Math.max(...mu.map((value, i) => Math.abs(value - right.input.mu[i]!)))).toBeLessThan(0.1);
    await read(scan);
    expect(predicted()).toBe(1); // the sample, once; a foil needs no model
    expect(unreadable).toEqual([]);
  });

  test('a sample is read with the foil of its own time, and again when that becomes another', async () => {
    const { table, read } = readerOf([foilOf(3, { validFromMs: 500 }), standardOf({ validFromMs: 100 })]);
    const shiftOf = async () => (await read(scan)).samples[0]!.prepared.preparation.energyShiftEv;
    expect(await shiftOf()).toBeCloseTo(2, 0); // the foil came after the sample
    table.put(foilOf(1, { standardId: 'earlier', validFromMs: 50 }));
    expect(await shiftOf()).toBeCloseTo(2 - 1, 0);
    table.remove('earlier');
    expect(await shiftOf()).toBeCloseTo(2, 0);
    // A scan that knows its time counts by that, not by when the standard became valid.
    table.put(standardOf({ validFromMs: 100 }, { endedAtMs: 600 }));
    expect(await shiftOf()).toBeCloseTo(2 - 3, 0);
  });

  test('of which one cannot be read are without that one, and it is said once', async () => {
    const dead = standardOf({ standardId: 'dead' }, { mu: sample.mu.map(() => 1) });
    const { read, unreadable } = readerOf([dead, standardOf()]);
    expect((await read(scan)).samples.map(({ standard }) => standard.standardId)).toEqual(['sample']);
    await read(scan);
    expect(unreadable).toEqual([expect.stringMatching(/^dead: Expected mu to vary/)]);
  });

  test.each([
    ['throws', () => Promise.reject(new Error('out of memory'))],
    ['says no', async () => reject('prediction-failed', 'out of memory')],
  ])('a model that %s leaves them out', async (_, predict) => {
    const { read, unreadable } = readerOf([foilOf(0), standardOf()], predict);
    expect((await read(scan)).samples).toEqual([]);
    expect(unreadable).toEqual(['sample: out of memory']);
  });

  test('the foil had a part where it moved the scan', async () => {
    const { read } = readerOf([foilOf(3), standardOf()]);
    const standards = await read(scan);
    const ids = (energyShiftSource: 'standard-foil' | 'reference-foil') => {
      const { prepared } = standards.samples[0]!;
      const preparation = { ...prepared.preparation, energyShiftSource };
      return standardsOf(standards, { ...prepared, preparation }).map(({ standardId }) => standardId);
    };
    expect(ids('standard-foil')).toEqual(['foil', 'sample']);
    expect(ids('reference-foil')).toEqual(['sample']);
  });
});
