import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openBundle } from '../../src/bundle/bundle.ts';
import { answerScans, predictScans, type ReadScan } from '../../src/files/offline.ts';
import { makeGate } from '../../src/gating/gate.ts';
import { isReject, reject } from '../../src/messages/reject.ts';
import { loadModel, type Model } from '../../src/model/load-model.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { readSites } from '../../workbench/data/dataset.ts';
import { scanOfSite } from '../../workbench/data/scan-of-site.ts';

const bundle = openBundle('models/spt');
const prepare = makePrepare(bundle.manifest);
const gate = makeGate(bundle.gate);
const scans = readSites('data/li-x-coo2/series.jsonl').map(scanOfSite);
const unreadable = reject('malformed-xdi', 'not a scan');

let model: Model;
beforeAll(async () => {
  model = await loadModel(bundle, { engine: 'onnxruntime' });
});
afterAll(() => model.close());

/** Good scans, and every seventh of an element that the model does not know, or none at all. */
const many = Array.from({ length: 600 }, (_, i) => {
  const scan = scans[i % scans.length]!;
  return { number: i, scan: i % 7 === 0 ? { ...scan, element: 'Zn' } : i % 7 === 3 ? unreadable : scan };
});

async function all<T>(answers: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const each of answers) list.push(each);
  return list;
}

test('every scan has its answer, in order, with what the caller knows of it', async () => {
  const answers = await all(answerScans({ prepare, predict: model.predict, gate }, many));
  expect(answers.map(({ number }) => number)).toEqual(many.map(({ number }) => number));
  for (const { number, reject } of answers) {
    const expected = { 0: 'unknown-element', 3: 'malformed-xdi' }[number % 7];
    expect(reject?.reason).toBe(expected);
  }
});

test('an answer is that of preparation, model and gate one after the other', async () => {
  const answers = await all(answerScans({ prepare, predict: model.predict, gate }, many));
  for (const number of [1, 300, 599]) {
    const answer = answers[number]!;
    const prepared = prepare(scans[number % scans.length]!);
    if (isReject(prepared) || answer.reject !== null) throw new Error('Expected an answer');
    const [prediction] = await model.predict([prepared.input]);
    const alone = gate(prepared, prediction!);
    expect(answer.prepared).toEqual(prepared);
    expect(answer.judgement.advice).toBe(alone.advice);
    answer.judgement.descriptors.forEach(({ value, verdict }, i) => {
      expect(verdict).toBe(alone.descriptors[i]!.verdict);
      expect(value).toBeCloseTo(alone.descriptors[i]!.value, 4);
    });
  }
});

test('scans are asked for as they are needed, a chunk at a time', async () => {
  let asked = 0;
  function* endless(): Generator<ReadScan> {
    for (;;) {
      asked += 1;
      yield { scan: scans[asked % scans.length]! };
    }
  }
  for await (const { reject } of predictScans({ prepare, predict: model.predict }, endless())) {
    expect(reject).toBeNull();
    break;
  }
  expect(asked).toBe(256);
});

test('a scan that the network answers with no numbers is refused, as in the stream', async () => {
  const blind: Model['predict'] = async (inputs) => {
    const predictions = await model.predict(inputs);
    return predictions.map((each, i) =>
      i === 1 ? { ...each, embedding: each.embedding.fill(Number.NaN) } : each,
    );
  };
  const three = scans.slice(0, 3).map((scan) => ({ scan }));
  const reasons = (await all(predictScans({ prepare, predict: blind }, three))).map(
    ({ reject }) => reject?.reason,
  );
  expect(reasons).toEqual([undefined, 'prediction-failed', undefined]);
});

test('preparation may depend on what the caller knows of a scan', async () => {
  const items = [0, 2].map((shiftEv) => ({ scan: scans[0]!, shiftEv }));
  const moved = (scan: (typeof scans)[number], { shiftEv }: { shiftEv: number }) =>
    prepare({ ...scan, energyEv: scan.energyEv.map((energy) => energy + shiftEv) });
  const [still, shifted] = await all(predictScans({ prepare: moved, predict: model.predict }, items));
  if (still!.reject !== null || shifted!.reject !== null) throw new Error('Expected two answers');
  expect(shifted!.prepared.preparation.e0Ev - still!.prepared.preparation.e0Ev).toBeCloseTo(2, 6);
});
