import { describe, expect, test } from '@jest/globals';
import type { Prediction } from '../../../src/messages/prediction.ts';
import type { Site } from '../../../workbench/data/dataset.ts';
import type { Answer } from '../../../workbench/evaluation/judge-sites.ts';
import { amorphousPage } from '../../../workbench/transfer/amorphous/amorphous-page.ts';
import { signsOfDisorder } from '../../../workbench/transfer/amorphous/signs-of-disorder.ts';
import { softCoordination } from '../../../workbench/transfer/amorphous/soft-coordination.ts';

/** What is said where NNRS is read as `spread`, and the mean of CN as 6. */
function prediction(said: number, spread: number, embedding: readonly number[] = []): Prediction {
  const mean = { mixed: 0.1, mean: 6, sigma: 0.1 };
  return {
    embedding: Float32Array.from(embedding),
    outputs: {
      CN: { kind: 'class', classes: [5, 6], probabilities: Float32Array.of(6 - said, said - 5) },
      NNRS: { kind: 'real', mean: spread, sigma: 0.02 + spread / 10 },
    },
    siteMeans: { OS: mean, CN: mean, OCN: mean } as unknown as NonNullable<Prediction['siteMeans']>,
  };
}

/** A site that is accepted as six-fold. */
function answer(cell: string, truth: number, spread: number, embedding?: readonly number[]): Answer {
  const site = {
    id: `${cell} ${truth}`,
    material: cell,
    element: 'Fe',
    labels: { CN: truth },
    softCn: { crystalNN: truth - 0.5, econ: truth - 0.4, bondValence: null },
  } as unknown as Site;
  const descriptors = [{ name: 'CN', value: 6, verdict: 'ACCEPT' }];
  const judgement = { descriptors, outOfDistributionScore: 0.5, outOfDistributionLimit: 1 };
  return { site, prediction: prediction(6, spread, embedding), judgement: judgement as never };
}

const crystals = Array.from({ length: 100 }, (_, i) => prediction(6, i / 1000, [0, i % 7]));
const disordered = [
  answer('a1', 5, 0.2),
  answer('a1', 6, 0.05),
  answer('a2', 5, 0.15),
  answer('a2', 6, 0.01),
];

const folds = [
  {
    seen: crystals,
    held: crystals,
    disordered: new Map(
      disordered.map(({ site, prediction: { outputs, ...rest } }) => {
        const isSpread = site.labels.CN === 5;
        return [site.id, { ...rest, outputs, embedding: Float32Array.of(isSpread ? 1 : 0, 3) }];
      }),
    ),
  },
];

describe('signs of disorder', () => {
  const rows = signsOfDisorder(disordered, folds);

  test('what lies beyond 95% of the crystals is no longer accepted', () => {
    expect(rows.find(({ sign }) => sign.startsWith('spread of bond lengths'))).toEqual({
      sign: expect.any(String),
      limit: 0.095,
      beyond: 2,
      accepted: 2,
      right: 2,
    });
  });

  test('the score in force is held against its own limit', () => {
    expect(rows[0]).toMatchObject({ limit: 1, beyond: 0, accepted: 4, right: 2 });
  });

  test('all together are weighed without the cell that is asked about', () => {
    expect(rows.at(-2)).toMatchObject({ limit: null, beyond: 2, accepted: 2, right: 2 });
  });

  test('a classifier on the embedding flags what is like the disordered sites of the other cell', () => {
    expect(rows.at(-1)).toMatchObject({ limit: null, beyond: 2, accepted: 2, right: 2 });
  });
});

test('soft coordination is read from the embedding by what other cells teach, where labels are', () => {
  const rows = softCoordination(
    ['a1', 'a2', 'a3', 'a4'].flatMap((cell) =>
      [4, 5, 6].map((truth) => answer(cell, truth, 0, [truth, -truth, 1])),
    ),
  );
  expect(rows.map(({ target, sites }) => [target.split(' ')[0], sites])).toEqual([
    ['CN', 12],
    ['mean', 12],
    ['ECoN,', 12],
  ]);
  for (const { ridge, others } of rows) {
    expect(ridge.r2).toBeGreaterThan(0.9);
    expect(others.r2).toBeCloseTo(0, 5);
  }
});

test('the page counts what is accepted, and what is right of it, of each way', () => {
  const page = amorphousPage({
    shipped: 'spt-8 (weights abc)',
    metals: disordered.map(({ site }) => site),
    oxygens: [],
    rows: [
      { way: 'as it is', size: 0, answers: disordered },
      { way: 'from scratch', size: 'all', answers: [] },
    ],
    signs: signsOfDisorder(disordered, folds),
    crystals: crystals.length,
    soft: softCoordination(disordered),
  });
  expect(page).toMatch(/4 metal sites \(Fe\) of 2\s+melt-quenched cells/);
  // F1 of 5: 0; of 6: two thirds (two right, two said wrongly); half of the sites each.
  expect(page).toContain('| as it is | 0 | 4 |  | 0.333 |');
  expect(page).toContain('| as it is | 0 | 0 of 0, 0 right | 4 of 4, 2 right | 0 of 0, 0 right |');
  expect(page).toContain('| 5 | 2 (2 accepted) |');
});
