import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { brokenLinks } from './broken-links.ts';
import { documents, ROOT, readText } from './documents.ts';

const ADR = 'docs/adr';

test('there are documents', () => {
  expect(documents()).toEqual(
    expect.arrayContaining(['README.md', 'docs/publish.md', 'docs/adr/0002-exactly-once.md']),
  );
});

test.each(documents())('every relative link of %s resolves', (path) => {
  expect(brokenLinks(join(ROOT, path), readText(path))).toEqual([]);
});

test('a link that leads nowhere is found, to a file as to a heading', () => {
  const text =
    '# A title\n[gone](docs/gone.md) [here](README.md#no-such-heading) ![picture](docs/images/gone.png) [top](#a-title)';
  expect(brokenLinks(join(ROOT, 'README.md'), text)).toEqual([
    { target: 'docs/gone.md', why: 'no such file' },
    { target: 'README.md#no-such-heading', why: 'no such heading' },
    { target: 'docs/images/gone.png', why: 'no such file' },
  ]);
});

test('what has a scheme, and what stands in code, is no relative link', () => {
  const text = 'https://example.org [a](https://example.org) `[b](gone.md)`\n```\n[c](gone.md)\n```\n';
  expect(brokenLinks(join(ROOT, 'README.md'), text)).toEqual([]);
});

test('the list of decisions has each of them, by its title', () => {
  const files = readdirSync(join(ROOT, ADR)).filter((name) => /^\d/.test(name));
  expect(files.length).toBeGreaterThan(30);
  const lines = files.map((name) => {
    const [, number, title] = /^# (\d+)\. (.+)/.exec(readText(join(ADR, name)))!;
    return `- [${number}. ${title}](${name})`;
  });
  const listed = readText(join(ADR, 'README.md'))
    .split('\n')
    .filter((line) => line.startsWith('- '));
  expect(listed.sort()).toEqual(lines.sort());
});
