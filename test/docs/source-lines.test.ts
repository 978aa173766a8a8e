import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT, readText } from './documents.ts';

const MOST = 120;

/** Made or fetched, not written. */
const MADE: ReadonlySet<string> = new Set(['node_modules', 'dist', 'test-results']);
const PASSED_OVER: ReadonlySet<string> = new Set(['models', 'data', 'docs']);

/**
 * What people write and read as text, but for documents (lines.test.ts); JSON and headers in C have lines of their own.
 */
const WRITTEN = /\.(ts|mjs|cjs|css|html|py|lua|yml|xml)$|^(Dockerfile|\.npmrc|\.dockerignore|\.gitignore)$/;

function sources(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return PASSED_OVER.has(path) || MADE.has(entry.name) || entry.name.startsWith('.') ? [] : sources(path);
    }
    return WRITTEN.test(entry.name) ? [path] : [];
  });
}

/**
 * Lines longer than 120 columns. Comments and multi-line texts can always be cut; a line of code counts without the
 * strings in it, which the formatter leaves whole.
 */
function longLines(text: string): string[] {
  return text.split('\n').filter((line) => {
    const isComment = /^\s*(\/\/|\/?\*|#|--)/.test(line);
    const counted = isComment ? line : line.replaceAll(/(['"`])(?:\\.|(?!\1)[^\\])*\1/g, "''");
    return [...line].length > MOST && [...counted].length > MOST;
  });
}

test('there are sources', () => {
  expect(sources()).toEqual(
    expect.arrayContaining(['.npmrc', 'src/pipeline.ts', 'src/wire/generated.ts', 'tools/bootstrap.mjs']),
  );
});

test(`no line of the sources is longer than ${MOST} columns, but for strings`, () => {
  const long = sources().flatMap((path) => longLines(readText(path)).map((line) => `${path}: ${line}`));
  expect(long).toEqual([]);
});

test('a long comment and a long line of a text are found, a long string is let pass', () => {
  const words = 'word '.repeat(30).trim();
  const comment = `  // ${words}`;
  const text = `  const HELP = \`${words}`;
  expect(longLines(`${comment}\n${text}\n * ${words}\n  say('${words} isn\\'t "long"');\n`)).toEqual([
    comment,
    text,
    ` * ${words}`,
  ]);
});
