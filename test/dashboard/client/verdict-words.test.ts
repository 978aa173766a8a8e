import { expect, test } from '@jest/globals';
import {
  likelihood,
  methodWords,
  shiftSource,
  shortReason,
  verdictReason,
} from '../../../dashboard/client/src/words/verdict-words.ts';
import { MEAN_METHODS, VERDICT_REASONS } from '../../../src/messages/judgement.ts';

test.each(Object.keys(VERDICT_REASONS).filter((code) => code !== 'ok'))('%s has words', (code) => {
  expect(shortReason(code)).not.toBe(code);
  expect(verdictReason(code)).not.toBe(code);
});

test.each(MEAN_METHODS)('a mean read by %s is said in words', (method) => {
  expect(methodWords(method)).not.toBe(method);
});

test('what this page does not know yet is shown as it is', () => {
  expect(methodWords('constructor')).toBe('constructor');
  expect(shiftSource('constructor', 'measured')).toBe('constructor');
  expect(shiftSource('table', 'measured')).toBe('the table for measured');
});

test.each([
  [0, 'under 1% likely'],
  [0.344, '34% likely'],
  [0.999, 'over 99% likely'],
])('a probability of %p', (probability, words) => {
  expect(likelihood(probability)).toBe(words);
});
