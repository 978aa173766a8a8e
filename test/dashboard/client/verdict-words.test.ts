import { expect, test } from '@jest/globals';
import {
  likelihood,
  methodWords,
  shiftSource,
  shortfall,
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

test.each([
  ['low-confidence', 0.814, 0.92, ' (trust 0.81 of 0.92)'],
  ['wide-interval', 0.9012, 0.9046, ' (trust 0.901 of 0.905)'], // two digits would say 0.90 of 0.90
  ['mixed-sites', 0.98, null, ' (trust 0.98; none is enough)'],
  ['low-confidence', null, null, ''], // an event that does not say
  ['no-standard', 0.98, null, ''], // another reason
])('%s of trust %p, of which %p is needed, is said as "%s"', (reason, trust, trustThreshold, words) => {
  expect(shortfall(reason, { trust, trustThreshold })).toBe(words);
});
