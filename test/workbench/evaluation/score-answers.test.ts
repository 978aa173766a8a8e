import { expect, test } from '@jest/globals';
import type { JudgedDescriptor, Verdict } from '../../../src/messages/judgement.ts';
import { reject } from '../../../src/messages/reject.ts';
import { readSites, type Site } from '../../../workbench/data/dataset.ts';
import type { Answer } from '../../../workbench/evaluation/judge-sites.ts';
import {
  type ClassFigures,
  meanOxidationStates,
  overall,
  scoreAnswers,
} from '../../../workbench/evaluation/score-answers.ts';

const [site] = readSites('data/battery-feff10/sites.jsonl') as [Site];
const common = {
  unit: '',
  noiseThreshold: 0.1,
  reason: 'ok',
  level: 0.9,
  trust: 1,
  trustThreshold: 0.8,
} as const;

/** The model says OS `said` with 0.8 and an interval of one class; NNRS `nnrs` with 0.02 on each side. */
function answer(labels: Site['labels'], said: number, nnrs: number, verdict: Verdict, mean?: number): Answer {
  const probabilities = [2, 3].map((value) => (value === said ? 0.8 : 0.2));
  const judged: JudgedDescriptor[] = [
    {
      ...{
        ...common,
        name: 'OS',
        kind: 'class',
        value: said,
        expected: said === 3 ? 2.8 : 2.2,
        classes: [2, 3],
      },
      ...{ probabilities, confidence: 0.8, low: said, high: said, verdict },
    },
    {
      ...{
        ...common,
        name: 'NNRS',
        kind: 'real',
        value: nnrs,
        expected: nnrs,
        classes: [],
        probabilities: [],
      },
      ...{ confidence: null, low: nnrs - 0.02, high: nnrs + 0.02, verdict },
    },
  ];
  return {
    site: { ...site, labels, meanOxidationState: mean ?? null },
    prediction: {
      embedding: new Float32Array(1),
      outputs: {
        OS: { kind: 'class', classes: [2, 3], probabilities: Float32Array.from(probabilities) },
        NNRS: { kind: 'real', mean: nnrs, sigma: 0.01 },
      },
    },
    judgement: {
      descriptors: judged,
      advice: 'ACCEPT',
      adviceReason: '',
      means: [],
      mixedSites: null,
      change: null,
      outOfDistributionScore: 0,
      outOfDistributionLimit: 1,
    },
  };
}

const answers = [
  answer({ OS: 3, NNRS: 0.1 }, 3, 0.11, 'ACCEPT', 3.5),
  answer({ OS: 3, NNRS: 0.2 }, 2, 0.15, 'ACCEPT', 3.5),
  answer({ OS: 2 }, 2, 0.1, 'FLAG', 3),
  answer({ NNRS: 0.3 }, 2, 0.3, 'REJECT'),
];

test('a figure is taken over the sites that have its label, shares by the verdict', () => {
  const { OS, NNRS } = scoreAnswers({ answers, refused: [] }, { tolerances: { NNRS: 0.06 } });
  expect(OS).toMatchObject({
    n: 3,
    accuracy: expect.closeTo(2 / 3, 12),
    f1: expect.closeTo(2 / 3, 12),
    share: expect.closeTo(2 / 3, 12),
    acceptedAccuracy: 0.5,
    coverage: expect.closeTo(2 / 3, 12),
    ece: expect.closeTo(0.8 - 2 / 3, 12),
  });
  expect(NNRS).toMatchObject({
    n: 3,
    mae: expect.closeTo(0.02, 12),
    r2: expect.closeTo(1 - 0.0026 / 0.02, 12),
    share: expect.closeTo(2 / 3, 12),
    acceptedAccuracy: 1, // 0.15 for 0.2 is right within 0.06
    coverage: expect.closeTo(2 / 3, 12), // but 0.2 is not inside 0.13 to 0.17
    width: expect.closeTo(0.04, 12),
  });
});

test('what nobody accepted has no accuracy, and what every site with the label was refused has nothing', () => {
  const flagged = answers.slice(2, 3);
  const refused = [{ site: { ...site, labels: { CN: 6 } }, reject: reject('unknown-element', 'Zn') }];
  const { OS, CN, NNRS } = scoreAnswers({ answers: flagged, refused }, { tolerances: {} });
  expect(OS).toMatchObject({ n: 1, share: 0, acceptedAccuracy: null });
  const nothing = { f1: null, macroF1: null, accuracy: null, majorityF1: null, ece: null, eceByChance: null };
  expect(CN).toEqual({ n: 0, ...nothing, share: null, acceptedAccuracy: null, coverage: null });
  expect(NNRS).toBeUndefined();
});

test('without a gate there are plain figures only', () => {
  const plain = answers.map((each) => ({ ...each, judgement: null }));
  const { OS } = scoreAnswers({ answers: plain, refused: [] }, { tolerances: {} }) as { OS: ClassFigures };
  expect(OS.accuracy).toBeCloseTo(2 / 3, 12);
  expect([OS.share, OS.acceptedAccuracy, OS.coverage, OS.ece]).toEqual([null, null, null, null]);
});

test('the overall figure is the mean of weighted F1 and R2', () => {
  const figures = scoreAnswers({ answers, refused: [] }, { tolerances: {} });
  expect(overall(figures)).toBeCloseTo((2 / 3 + 0.87) / 2, 12);
});

test('sites of one composition are averaged as published', () => {
  const series = meanOxidationStates(answers);
  expect(series).toEqual([
    { truth: 3.5, predicted: expect.closeTo(2.5, 12), sites: 2 },
    { truth: 3, predicted: expect.closeTo(2.2, 12), sites: 1 },
  ]);
});
