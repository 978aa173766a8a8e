import { describe, expect, test } from '@jest/globals';
import type { Answer, AnsweredValue } from '../../src/comparison/answer.ts';
import { compareAnswers } from '../../src/comparison/compare-answers.ts';
import { comparisonText } from '../../src/files/comparison-text.ts';

const value = (value: number, verdict: AnsweredValue['verdict'] = 'ACCEPT', name = 'OS'): AnsweredValue => ({
  ...{ name, value, verdict, reason: verdict === 'ACCEPT' ? 'ok' : 'low-confidence' },
});

const answer = (offset: number, values: readonly AnsweredValue[], model = 'spt-5@aaaa'): Answer => ({
  ...{ scan: `scans/0/${offset}`, scanId: `scan-${offset}`, element: 'Co', model, refused: null, values },
});

const refusal = (offset: number, reason: string): Answer => ({
  ...answer(offset, []),
  ...{ model: null, refused: reason },
});

function comparison(first: readonly Answer[], second: readonly Answer[], examples?: number) {
  const both = compareAnswers(examples);
  for (const each of second) both.add('second', each);
  for (const each of first) both.add('first', each);
  return both.report();
}

describe('compareAnswers', () => {
  test('finds answers of the same scan, whichever side comes first, and counts those that wait', () => {
    const both = compareAnswers();
    both.add('first', answer(0, [value(3)]));
    both.add('second', answer(1, [value(3)], 'spt-6@bbbb'));
    both.add('second', answer(0, [value(3)], 'spt-6@bbbb'));
    both.add('first', answer(2, [value(3)]));
    expect(both.report()).toMatchObject({
      scans: 1,
      only: { first: 1, second: 1 },
      models: { first: { 'spt-5@aaaa': 2 }, second: { 'spt-6@bbbb': 2 } },
      values: [{ name: 'OS', scans: 1, differ: 0, examples: [] }],
    });
  });

  test('differences of a value: how many, their mean, the mean of their size, the largest', () => {
    const { values } = comparison(
      [answer(0, [value(3)]), answer(1, [value(3)]), answer(2, [value(3)])],
      [answer(0, [value(3.00001)]), answer(1, [value(5)]), answer(2, [value(2)])],
    );
    expect(values).toMatchObject([{ scans: 3, differ: 2, largest: 2, acceptedDiffer: 2 }]);
    expect(values[0]!.meanDifference).toBeCloseTo(1 / 3, 4);
    expect(values[0]!.meanSize).toBeCloseTo(1, 4);
  });

  test('verdicts that changed, and what each side accepts', () => {
    const { values } = comparison(
      [answer(0, [value(3)]), answer(1, [value(3)]), answer(2, [value(3, 'FLAG')])],
      [answer(0, [value(3, 'FLAG')]), answer(1, [value(3, 'FLAG')]), answer(2, [value(3, 'REJECT')])],
    );
    expect(values).toMatchObject([
      {
        accepted: { first: 2, second: 0, both: 0 },
        ...{ differ: 0, acceptedDiffer: 0, verdicts: { 'ACCEPT to FLAG': 2, 'FLAG to REJECT': 1 } },
      },
    ]);
  });

  test('examples: what both accept and differ in first, then what one accepts, the larger difference before', () => {
    const { values } = comparison(
      [
        ...[answer(0, [value(2, 'FLAG')]), answer(1, [value(2)]), answer(2, [value(2)])],
        ...[answer(3, [value(2)]), answer(4, [value(2)])],
      ],
      [
        ...[answer(0, [value(5, 'FLAG')]), answer(1, [value(3)]), answer(2, [value(4)])],
        ...[answer(3, [value(2, 'FLAG')]), answer(4, [value(2)])],
      ],
      4,
    );
    expect(values[0]!.examples.map(({ scan }) => scan)).toEqual([
      ...['scans/0/2', 'scans/0/1', 'scans/0/3', 'scans/0/0'],
    ]);
    expect(values[0]!.examples[2]).toEqual({
      ...{ scan: 'scans/0/3', scanId: 'scan-3', element: 'Co' },
      first: { value: 2, verdict: 'ACCEPT', reason: 'ok' },
      second: { value: 2, verdict: 'FLAG', reason: 'low-confidence' },
    });
  });

  test('a scan that one side refuses, and one that both refuse alike', () => {
    const { scans, refusals, values } = comparison(
      [answer(0, [value(3)]), refusal(1, 'too-short'), refusal(2, 'too-short')],
      [refusal(0, 'no-edge'), refusal(1, 'too-short'), answer(2, [value(3)])],
    );
    expect({ scans, values }).toEqual({ scans: 3, values: [] });
    expect(refusals.differ).toBe(2);
    expect(refusals.examples.map(({ first, second }) => [first, second])).toEqual([
      [null, 'no-edge'],
      ['too-short', null],
    ]);
  });

  test('the text says all of it', () => {
    const report = comparison(
      [answer(0, [value(3), value(3.2, 'FLAG', 'mean OS')]), answer(1, [value(2)]), refusal(2, 'no-edge')],
      [answer(0, [value(4), value(3.4, 'FLAG', 'mean OS')], 'spt-6@bbbb'), answer(2, [value(3)])],
    );
    const text = comparisonText(report, ['live', 'shadow']);
    expect(text).toContain('live: spt-5@aaaa (2 scans)\nshadow: spt-6@bbbb (1 scans), spt-5@aaaa (1 scans)');
    expect(text).toContain('2 scans answered by both; by live alone 1, by shadow alone 0');
    expect(text).toMatch(/^OS +1 +1 +1\.000 +1\.000 +1\.000 +1 +1 +1 +1$/m);
    expect(text).toContain('Co scan-0: live 3.00 accept (ok), shadow 4.00 accept (ok)');
    expect(text).toContain('Co scan-0: live 3.20 flag (low-confidence), shadow 3.40 flag (low-confidence)');
    expect(text).toContain('scan-2: live no-edge, shadow read');
  });
});
