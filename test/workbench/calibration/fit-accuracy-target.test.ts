import { describe, expect, test } from '@jest/globals';
import type { Trial } from '../../../workbench/calibration/choose-threshold.ts';
import { fitAccuracyTargets } from '../../../workbench/calibration/fit-accuracy-target.ts';

const RULES = { accuracy: 0.95, confidence: 0.9, leastConfidence: 0, minEvidence: 10, refutedBelow: 0.1 };
const ELEMENTS = ['Ti', 'V', 'Mn', 'Fe', 'Co'];
let made = 0;
const sites = (count: number, wrong: number, confidence = 0.9): Trial[] => {
  made += 1;
  return Array.from({ length: count }, (_, i) => ({ confidence, right: i >= wrong, site: `${made} ${i}` }));
};

describe('fitPromises', () => {
  test('an element by itself: thresholds hold until one fails, and none for more noise', () => {
    const bins = [sites(300, 3), sites(300, 5, 0.8), sites(300, 100), sites(300, 0, 0.7)];
    expect(fitAccuracyTargets(new Map([['Cu', bins]]), RULES).get('Cu')).toEqual({
      thresholds: [0.9, 0.8, null, null],
      evidence: { sites: 1200, accepted: 300, right: 297 },
      meetsTarget: true,
    });
  });

  test('elements that none could prove alone prove it together', () => {
    const few = () => [sites(40, 1), sites(40, 1)];
    const alone = fitAccuracyTargets(new Map([['Fe', few()]]), RULES);
    expect(alone.get('Fe')).toMatchObject({ thresholds: [null, null], meetsTarget: false });
    const together = fitAccuracyTargets(new Map(ELEMENTS.map((element) => [element, few()])), RULES);
    for (const element of ELEMENTS)
      expect(together.get(element)).toEqual({
        thresholds: [0.9, 0.9],
        evidence: { sites: 80, accepted: 40, right: 39 },
        meetsTarget: true,
      });
  });

  test('an element that errs more, or of which too little passes, has no say and does not meet the target', () => {
    const targets = fitAccuracyTargets(
      new Map([
        ['Fe', [sites(200, 3), sites(200, 3)]],
        ['Ni', [sites(30, 6), sites(30, 0)]],
        ['V', [sites(9, 0), sites(9, 0)]],
      ]),
      RULES,
    );
    expect(targets.get('Fe')).toMatchObject({ thresholds: [0.9, 0.9], meetsTarget: true });
    expect(targets.get('Ni')).toMatchObject({
      thresholds: [null, null],
      evidence: { accepted: 30, right: 24 },
      meetsTarget: false,
    });
    expect(targets.get('V')).toMatchObject({ thresholds: [null, null], meetsTarget: false });
  });

  test('takes the least confidence at which the supporting elements reach it', () => {
    const graded = [...sites(200, 2, 0.9), ...sites(100, 1, 0.8), ...sites(100, 40, 0.6)];
    expect(fitAccuracyTargets(new Map([['Cu', [graded]]]), RULES).get('Cu')).toMatchObject({
      thresholds: [0.8],
      evidence: { accepted: 300, right: 297 },
    });
  });

  test('ends for one element at the noise from which on it refutes the target', () => {
    const targets = fitAccuracyTargets(
      new Map([
        ['Fe', [sites(300, 3), sites(300, 3), sites(300, 3)]],
        ['Mn', [sites(20, 0), sites(20, 6), sites(20, 0)]],
      ]),
      RULES,
    );
    expect(targets.get('Fe')!.thresholds).toEqual([0.9, 0.9, 0.9]);
    expect(targets.get('Mn')).toMatchObject({ thresholds: [0.9, null, null], meetsTarget: true });
  });

  test('accepts nothing below the least confidence, whatever the others pull up', () => {
    const bins = [[...sites(300, 0, 0.9), ...sites(20, 5, 0.4)], sites(300, 0, 0.4)];
    const target = fitAccuracyTargets(new Map([['Cu', bins]]), { ...RULES, leastConfidence: 0.7 }).get('Cu');
    expect(target).toMatchObject({ thresholds: [0.9, null], evidence: { accepted: 300 } });
  });

  test('draws of one site share its vote', () => {
    const doubled = sites(100, 0).flatMap((trial) => [trial, trial]);
    const { evidence } = fitAccuracyTargets(new Map([['Cu', [doubled]]]), RULES).get('Cu')!;
    expect(evidence).toEqual({ sites: 100, accepted: 100, right: 100 });
  });
});
