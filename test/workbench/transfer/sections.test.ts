import { describe, expect, test } from '@jest/globals';
import type { DescriptorOutput } from '../../../src/messages/prediction.ts';
import type { Site } from '../../../workbench/data/dataset.ts';
import type { Answer } from '../../../workbench/transfer/answers.ts';
import { fewLabelsLines, fewLabelsSection } from '../../../workbench/transfer/few-labels-section.ts';
import { newElementsSection } from '../../../workbench/transfer/new-elements-section.ts';
import { seriesLines, seriesSection } from '../../../workbench/transfer/series-section.ts';
import { transferPage } from '../../../workbench/transfer/transfer-page.ts';

/** An oxidation state of 2 or 3, read as one of them; null: the model never met the absorber. */
function answer(element: string, group: string, truth: 2 | 3, said: 2 | 3 | null): Answer {
  const site = { element, group, labels: { OS: truth } } as unknown as Site;
  const output: DescriptorOutput = {
    kind: 'class',
    classes: [2, 3],
    probabilities: Float32Array.of(said === 2 ? 1 : 0, said === 3 ? 1 : 0),
  };
  return {
    site,
    outputs: said === null ? null : { OS: output },
    expected: said ?? Number.NaN,
  };
}

describe('few labels', () => {
  const rows = [
    {
      way: 'fine-tuned',
      size: 0,
      answers: [
        answer('Co', 'spinel', 2, 2),
        answer('Co', 'layered', 3, 2),
        answer('Cr', 'layered', 3, null),
      ],
    },
    {
      way: 'fine-tuned',
      size: 'all',
      answers: [answer('Co', 'spinel', 2, 2), answer('Co', 'layered', 3, 3), answer('Cr', 'layered', 3, 3)],
    },
  ] as const;
  const mutable = rows.map((row) => ({ ...row, answers: [...row.answers] }));
  const sites = rows[0].answers.map(({ site }) => site);
  const section = fewLabelsSection(mutable, sites, 'base (weights abc)');

  test('says what was judged, by what', () => {
    expect(section).toContain('3 FEFF10 spectra (Co, Cr) of 2 prototype families');
    expect(section).toContain('by the base model, base (weights abc), as it is');
  });

  test('has a row for all sites together, and by element a dash where nothing was answered', () => {
    // F1 of class 2: 2/3 (one right, one said wrongly); of class 3: 0. Weighted: (1 x 2/3 + 2 x 0) / 3.
    expect(section).toContain('| base as it is | 0 | 0.222 |');
    expect(section).toContain('| fine-tuned | all | 1.000 |');
    expect(section).toContain('| Cr | 1 | base as it is | – |');
    expect(section).toContain('| Cr | 1 | fine-tuned | 1.000 |');
  });

  test('lines go over the labels that were given; all is four fifths of the sites', () => {
    const [line] = fewLabelsLines(mutable, 321);
    expect(line).toMatchObject({ panel: 'OS', name: 'fine-tuned' });
    expect(line!.points.map(([x, y]) => [x, Number(y.toFixed(3))])).toEqual([
      [0, 0.222],
      [257, 1],
    ]);
  });
});

test('new absorbers: together, then each, in every way', () => {
  const answers = [answer('Cr', 'Cr2O3', 3, 3), answer('V', 'VO', 2, 3)];
  const section = newElementsSection(
    new Map([['fine-tuned, true labels', answers]]),
    answers.map(({ site }) => site),
    'without-Cr-V (weights abc)',
  );
  expect(section).toContain('2 sites with true labels (tm-feff9 and battery-extended) of 2 materials');
  expect(section).toContain('| Cr, V | 2 | fine-tuned, true labels | 0.333 |');
  expect(section).toContain('| Cr | 1 | fine-tuned, true labels | 1.000 |');
  expect(section).toContain('| V | 1 | fine-tuned, true labels | 0.000 |');
});

describe('series', () => {
  const row = { composition: 3, sites: 3, base: 3.5, shipped: 3.1, unseenFamily: 3, beside: 3 };
  const rows = [row, { ...row, composition: 3.5, sites: 3.25, shipped: 3.15 }];

  test('errors are to what the sites have, and to what the composition has', () => {
    const section = seriesSection(rows, { shipped: 'spt-8 (weights abc)', sameFamily: 14 });
    expect(section).toMatch(/Shipped is spt-8 \(weights abc\), which has learned from 14\s+cobalt sites/);
    expect(section).toContain('| 3.500 | 3.250 | 3.500 | 3.150 | 3.000 | 3.000 |');
    expect(section).toMatch(/to the sites \| {2}\| 0\.375 \(largest 0\.500\) \| 0\.100 \(largest 0\.100\)/);
    expect(section).toMatch(
      /to the composition \| {2}\| 0\.250 \(largest 0\.500\) \| 0\.225 \(largest 0\.350\)/,
    );
  });

  test('lines go over x', () => {
    expect(seriesLines(rows)[2]).toMatchObject({
      name: 'shipped, series never seen',
      points: [
        [1, 3.1],
        [0.5, 3.15],
      ],
    });
  });
});

test('the page names the command that made it, then come the sections', () => {
  const page = transferPage(['## One\n', '## Two\n']);
  expect(page).toContain('Made by `npm run workbench -- transfer`');
  expect(page.endsWith('\n\n## One\n\n## Two\n')).toBe(true);
});
