import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Config, configHelp, readConfig } from '../../src/runtime/config.ts';
import { ROOT, readText, rowsUnder } from './documents.ts';

const operate = readText('docs/operate.md');
const settings = Object.keys(readConfig({})) as (keyof Config)[];

test('docs/operate.md has every setting, and none that is no more', () => {
  expect(rowsUnder(operate, '## Settings').sort()).toEqual([...settings].sort());
});

test.each(settings)('docs/operate.md has the default of %s', (name) => {
  const fallback = / \[(.*)\]$/m.exec(configHelp('', [name]))?.[1];
  const cell = operate
    .split('\n')
    .find((line) => line.startsWith(`| \`${name}\``))!
    .split('|')[2];
  expect(cell).toContain(fallback === undefined ? 'none' : `\`${fallback}\``);
});

test('docs/operate.md has every metric, and none that is no more', () => {
  const files = ['src', 'dashboard/server'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  const named = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => readText(file).match(/(?<=')xanes_\w+(?=')/g) ?? []);
  expect(named).toContain('xanes_scans_total');
  expect(rowsUnder(operate, '## Metrics').sort()).toEqual([...new Set(named)].sort());
});
