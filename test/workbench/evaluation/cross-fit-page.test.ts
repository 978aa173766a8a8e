import { expect, test } from '@jest/globals';
import type { DescriptorOutput } from '../../../src/messages/prediction.ts';
import type { Doubt } from '../../../workbench/data/copper-charge.ts';
import { readSites, type Site } from '../../../workbench/data/dataset.ts';
import type { CrossFitAnswer } from '../../../workbench/evaluation/cross-fit-answers.ts';
import { crossFitJson, crossFitPage, crossFitScores } from '../../../workbench/evaluation/cross-fit-page.ts';

const [base] = readSites('data/li-x-coo2/series.jsonl') as [Site];

/** A site of a set, and the coordination that a model says with certainty. */
function answer(set: string, element: string, CN: number, said: number): CrossFitAnswer {
  const output: DescriptorOutput = {
    kind: 'class',
    classes: [4, 6],
    probabilities: Float32Array.of(said === 4 ? 1 : 0, said === 6 ? 1 : 0),
  };
  const site = { ...base, element, labels: { CN } };
  return { set, site, prediction: { outputs: { CN: output }, embedding: new Float32Array(1) } };
}

const answers = [
  answer('mine', 'Co', 6, 6),
  answer('mine', 'Co', 4, 6),
  answer('mine', 'O', 4, 4),
  answer('cu-feff9', 'Cu', 4, 4),
];
const scores = crossFitScores(answers);

test('a set is scored whole, by absorber, and its metals together where it has more than copper', () => {
  expect(scores.map(({ name, sites }) => [name, sites])).toEqual([
    ['cu-feff9, Cu', 1],
    ['cu-feff9', 1],
    ['mine, Co', 2],
    ['mine, O', 1],
    ['mine, metals', 2],
    ['mine', 3],
  ]);
  expect(scores.find(({ name }) => name === 'mine, O')!.figures).toEqual({ CN: 1 });
  expect(scores.find(({ name }) => name === 'mine, Co')!.figures).toEqual({ CN: 0.333 });
});

test('the page has a row of each, empty where nothing was asked', () => {
  const page = crossFitPage('spt-8', scores, answers);
  expect(page).toMatch(/^# spt-8: materials and families not seen\n/);
  expect(page).toContain('\n| set | sites | OS | CN | CN2 | OCN | PSGO | NNRS | MOOD | NNOSM |\n');
  expect(page).toContain('\n| mine, Co | 2 |  | 0.333 |  |  |  |  |  |  |\n');
});

test('labels of copper are told apart by what establishes them', () => {
  const copper = (label: number, said: number, why?: Doubt): CrossFitAnswer => {
    const probabilities = Float32Array.of(said === 1 ? 1 : 0, said === 2 ? 1 : 0);
    const outputs = { OS: { kind: 'class', classes: [1, 2], probabilities } } as const;
    const known = why === undefined ? { labels: { OS: label } } : { labels: {}, doubtfulOs: { label, why } };
    const site = { ...base, element: 'Cu', ...known };
    return { set: 'cu-feff9', site, prediction: { outputs, embedding: new Float32Array(1) } };
  };
  const read = [
    ...[copper(2, 2), copper(1, 1)],
    ...[copper(2, 1, 'mixed valence'), copper(1, 1, 'several states balance')],
  ];
  const page = crossFitPage('spt-8', crossFitScores(read), read);
  expect(page).toContain("\n## Copper's oxidation state, by what establishes its label\n");
  expect(page).toContain('\n| all | 4 | 0.733 | 0.733 | 75.0% |\n');
  expect(page).toContain('\n| established | 2 | 1.000 | 1.000 | 100.0% |\n');
  expect(page).toContain('\n| mixed valence | 1 | 0.000 | 0.000 | 0.0% |\n');
  expect(page).not.toContain('no state balances');
  expect(crossFitPage('spt-8', scores, answers)).not.toContain("Copper's oxidation state");
});

test('for programs there are whole sets alone', () => {
  expect(JSON.parse(crossFitJson('spt-8', scores, ['mine', 'cu-feff9']))).toEqual({
    model: 'spt-8',
    sets: { 'cu-feff9': { sites: 1, CN: 1 }, mine: { sites: 3, CN: expect.any(Number) } },
  });
});
