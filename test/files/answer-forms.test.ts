import { expect, test } from '@jest/globals';
import { answerCsv, CSV_HEAD } from '../../src/files/answer-csv.ts';
import { panelOf, plotSheet } from '../../src/files/plot-sheet.ts';
import type { FileAnswer } from '../../src/files/predict-text.ts';
import { makeGate } from '../../src/gating/gate.ts';
import { reject } from '../../src/messages/reject.ts';
import { GATE, predictionOf, preparedWith } from '../gating/example-gate.ts';
import { COBALT, scanOf, syntheticEdge } from '../spectra/synthetic-edge.ts';

const scan = scanOf(syntheticEdge(COBALT));
const notes = ['one, "quoted"', 'two'];
const prepared = {
  ...preparedWith(0.004),
  notes,
  spectrum: { energyEv: Float32Array.of(7700, 7710, 7720), mu: Float32Array.of(0, 0.5, 1.25) },
};
const prediction = predictionOf([0.02, 0.96, 0.02]);
const judgement = makeGate(GATE)(prepared, prediction);
const read = { scan, standards: [] };
const answer: FileAnswer = {
  ...{ file: 'a,b.prj', id: 'g', ...read, reject: null, prepared, prediction, judgement },
};
const refused: FileAnswer = { file: 'c.xdi', ...read, reject: reject('dead-channel', 'no signal') };

/** Cells of one line by the names of the head; no cell of these tests has a line's end in it. */
function cellsOf(line: string): Record<string, string> {
  const cells = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => cell!);
  const plain = cells.map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell));
  return Object.fromEntries(CSV_HEAD.split(',').map((name, i) => [name, plain[i]!]));
}

test('CSV: an answer, and a file that was refused', () => {
  expect(cellsOf(answerCsv(answer))).toMatchObject({
    file: 'a,b.prj',
    id: 'g',
    element: 'Co',
    advice: 'accept',
    noise: '0.004',
    OS: '3',
    'OS.probability': '0.96',
    'OS.low': '',
    'OS.verdict': 'accept',
    'OS.reason': 'ok',
    'NNRS.probability': '',
    'NNRS.low': expect.stringMatching(/^\d/),
    notes: 'one, "quoted"; two',
    error: '',
  });
  expect(cellsOf(answerCsv(refused))).toMatchObject({
    file: 'c.xdi',
    OS: '',
    reason: 'dead-channel',
    error: 'no signal',
  });
});

test('a sheet has a curve for each answer, and words alone for what was refused', () => {
  const html = plotSheet([panelOf(answer, 'OS 3 <ok>'), panelOf(refused, 'dead')], '2 scans');
  expect(html.match(/<figure>/g)).toHaveLength(2);
  expect(html.match(/<svg /g)).toHaveLength(1);
  expect(html).toContain('a,b.prj g<br><small>OS 3 &lt;ok&gt;</small>');
  expect(html).not.toMatch(/<script|https?:/);
  // From the left below, half the step in the middle, to the top on the right.
  const [, path] = /<path d="M([^"]+)"/.exec(html)!;
  const points = path!.split('L').map((point) => point.split(',').map(Number));
  expect(points.map(([x]) => x)).toEqual([30, 142, 254]);
  const [low, middle, high] = points.map(([, y]) => y!);
  expect(high).toBe(6);
  expect((low! - middle!) / (low! - high!)).toBeCloseTo(0.4, 2);
});
