import { expect, test } from '@jest/globals';
import { documents, readText } from './documents.ts';

const MOST = 120;

/** Written by commands, and decisions from before there was a limit: these are not rewritten. */
const EXEMPT = [/^docs\/tables\//, /^docs\/adr\/00(0\d|10)-/, /^data\//];

test.each(documents())('%s names nothing that only its authors have', (path) => {
  expect(readText(path)).not.toContain(BESIDE);
});

test.each(documents().filter((path) => !EXEMPT.some((some) => some.test(path))))(
  `no line of %s is longer than ${MOST} columns`,
  (path) => {
    expect(longLines(readText(path))).toEqual([]);
  },
);

test('a long line is found, a table and an address are let pass', () => {
  const word = 'word '.repeat(30).trim();
  const address = `See [there](https://example.org/${'a'.repeat(200)}) and https://example.org/${'b'.repeat(200)}`;
  expect(longLines(`short\n${word}\n| ${word} |\n${address}\n`)).toEqual([word]);
});

/** A folder beside the checkout, which nobody else has. Put together, so that this file does not name it either. */
const BESIDE = ['..', 'shared'].join('/');

function longLines(text: string): string[] {
  return text.split('\n').filter((line) => {
    const prose = line.replaceAll(/\]\([^)]*\)/g, ']').replaceAll(/https?:\S+/g, '');
    return !line.trimStart().startsWith('|') && [...prose].length > MOST;
  });
}
