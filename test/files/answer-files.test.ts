import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { answerFiles } from '../../src/files/answer-files.ts';
import { fileStandards } from '../../src/files/file-standards.ts';
import type { FileAnswer } from '../../src/files/predict-text.ts';
import { readScanFiles } from '../../src/files/scan-files.ts';
import type { Anchors } from '../../src/messages/standard.ts';
import { exampleJudged } from '../producers/example-outcomes.ts';
import { COBALT, GRID, REFERENCES, syntheticEdge } from '../spectra/synthetic-edge.ts';

const folder = mkdtempSync(join(tmpdir(), 'answer-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Line = Readonly<Record<string, unknown>>;
let files = 0;
function written(...lines: readonly (Line | string)[]): string {
  files += 1;
  const file = join(folder, `${files}.jsonl`);
  writeFileSync(
    file,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  return file;
}

/** A line of a measured edge; the monochromator reads so many eV too high. */
function line(fields: Line = {}, e0Ev = 7719, highEv = 0): Line {
  const { energyEv, mu } = syntheticEdge({
    ...COBALT,
    e0Ev,
    whiteLine: e0Ev === 7709 ? 0 : COBALT.whiteLine,
  });
  return { element: 'Co', energyEv: Array.from(energyEv, (ev) => ev + highEv), mu: [...mu], ...fields };
}
const foil = (highEv: number, fields: Line = {}) =>
  line({ id: 'foil', known: { foil: true }, ...fields }, 7709, highEv);
const sample = (fields: Line = {}) =>
  line({ id: 'sample', known: { meanOxidationState: 3, uncertainty: 0.1 }, ...fields });

const READING = { meanOxidationState: 3, sigma: 0.2, halfEdgeEv: 7720 };

/** Answers, and what each was judged beside; scans named "noisy" are not accepted. */
async function answered(scans: string, standards: readonly string[] = []) {
  const beside: (Anchors & { readonly scanId?: string })[] = [];
  const answers: FileAnswer[] = [];
  const parts = {
    manifest: { grid: GRID, references: REFERENCES },
    predict: async (inputs: readonly unknown[]) =>
      inputs.map(() => ({ outputs: {}, embedding: new Float32Array() })),
    gate: (_: unknown, __: unknown, anchors: Anchors) => {
      beside.push(anchors);
      const { judgement } = exampleJudged(0);
      return { ...judgement, reference: anchors.reference === null ? READING : null };
    },
    standards: fileStandards(standards),
  };
  for await (const answer of answerFiles(parts, readScanFiles([scans]))) answers.push(answer);
  return { answers, since: beside.map(({ reference }) => reference?.scanId ?? null) };
}

const shiftOf = (answer: FileAnswer) =>
  answer.reject === null ? answer.prepared.preparation.energyShiftEv : null;

describe('standards in files', () => {
  test('a foil moves the scans of its element, and the answer names what it was read with', async () => {
    const scans = written(line({ id: 'a' }), line({ id: 'b', beamline: 'other' }));
    const { answers } = await answered(scans, [written(foil(9), foil(3), sample())]);
    expect(answers.map(shiftOf)).toEqual([2 - 3, 2 - 3].map((shift) => expect.closeTo(shift, 0)));
    expect(answers.map(({ standards }) => standards)).toEqual([
      ['foil', 'sample'],
      ['foil', 'sample'],
    ]);
    const without = await answered(scans);
    expect(without.answers.map(shiftOf)).toEqual([2, 2]);
    expect(without.answers.map(({ standards }) => standards)).toEqual([[], []]);
  });

  test('of a beamline are for scans of that, and of those that name none', async () => {
    const scans = written(line(), line({ beamline: 'P65' }), line({ beamline: 'other' }));
    const { answers } = await answered(scans, [written(foil(3, { beamline: 'P65' }))]);
    expect(answers.map(({ standards }) => standards)).toEqual([['foil'], ['foil'], []]);
  });

  test.each([
    ['no known', line(), /line 1: Expected known to be/],
    ['both', line({ known: { foil: true, meanOxidationState: 3, uncertainty: 1 } }), /Expected known to be/],
    ['no uncertainty', line({ known: { meanOxidationState: 3 } }), /Expected known to be/],
    ['uncertainty 0', line({ known: { meanOxidationState: 3, uncertainty: 0 } }), /u above 0/],
    ['no scan', { known: { foil: true } }, /line 1: Expected element/],
    ['no JSON', '{', /line 1: Expected a JSON object/],
  ])('with %s are refused by their line', (_, bad, sentence) => {
    expect(() => fileStandards([written(bad)])).toThrow(sentence);
  });

  test('that cannot be read are an error, and so is a file without one', async () => {
    const scans = written(line());
    const flat = written(foil(0, { mu: Array(432).fill(1) }));
    await expect(answered(scans, [flat])).rejects.toThrow(/^foil cannot be a standard: Expected mu to vary/);
    // Also where no scan is of its element, and before any answer.
    const elsewhere = written(foil(0, { mu: Array(432).fill(1), beamline: 'elsewhere' }));
    const readAs = { ...line(), beamline: 'here' };
    await expect(answered(written(readAs), [elsewhere])).rejects.toThrow(/^foil cannot be a standard/);
    // One that a later foil hides from its own scan is found by a measurement that it applies to.
    const later = written(foil(0, { beamline: 'elsewhere' }));
    await expect(answered(written(readAs), [flat, later])).rejects.toThrow(/^foil cannot be a standard/);
    expect(() => fileStandards([written('')])).toThrow(/Expected at least one standard in/);
    expect(() => fileStandards([join(folder, 'none.jsonl')])).toThrow(/Expected to read/);
  });
});

test('scans of an edge are compared with the first of their run; without names all are one run', async () => {
  const scans = written(
    line({ id: 'a' }),
    line({ id: 'b', runId: 'second' }),
    'no scan',
    line({ id: 'c' }),
    line({ id: 'd', metadata: { run: 'second' } }),
    line({ id: 'e', element: 'Ni' }),
  );
  const { answers, since } = await answered(scans);
  expect(since).toEqual([null, null, 'a', 'b']); // what is no scan, or of an unknown element, is not judged
  expect(answers.map(({ reject }) => reject?.reason ?? null)).toEqual([
    ...[null, null, 'malformed-json', null],
    ...[null, 'unknown-element'],
  ]);
});

test('sweeps up and down of one measurement are answered each, as the stream splits them', async () => {
  const { energyEv, mu } = line() as { energyEv: number[]; mu: number[] };
  const there = (values: readonly number[]) => [
    ...values,
    ...values.slice(0, -1).reverse(),
    ...values.slice(1),
  ];
  const record = { energyEv: there(energyEv), mu: there(mu) };
  const scans = written(line({ id: 'a', ...record }), line({ id: 'b', ...record }), line({ id: 'c' }));
  const { answers, since } = await answered(scans);
  expect(answers.map(({ id, reject }) => [id, reject])).toEqual(
    ['a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'b/3', 'c'].map((id) => [id, null]),
  );
  expect(since).toEqual([null, null, null, 'a/1', 'a/1', 'a/1', 'a/1']); // not with each other
  const prepared = answers.flatMap((answer) => (answer.reject === null ? [answer.prepared] : []));
  expect(prepared[1]!.notes.join()).toContain('sweep 2 of 3 in one record');
  expect(
    Math.max(...prepared[1]!.input.mu.map((v, i) => Math.abs(v - prepared[0]!.input.mu[i]!))),
  ).toBeLessThan(1e-6);
});

test('a sweep over the edges of several elements is answered for each that is named', async () => {
  const scans = written(line({ id: 'a', metadata: { 'sweep.elements': 'Co,Zr' } }));
  const { answers } = await answered(scans);
  expect(answers.map(({ id, reject }) => [id, reject?.reason ?? null])).toEqual([
    ['a/Co', null],
    ['a/Zr', 'unknown-element'],
  ]);
});
