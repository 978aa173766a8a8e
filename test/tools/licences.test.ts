import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';

type Licence = { readonly name: string; readonly licence: string; readonly dev: boolean };
const tool = pathToFileURL(join(import.meta.dirname, '../../tools/licences.mjs')).href;
const { isAllowed, licences } = (await import(tool)) as {
  isAllowed: (licence: string) => boolean;
  licences: () => readonly Licence[];
};

test('whatever the services load has a permissive licence', () => {
  const loaded = licences().filter(({ dev }) => !dev);
  expect(loaded.map(({ name }) => name)).toEqual(expect.arrayContaining(['kafkajs', 'socket.io', 'jose']));
  expect(loaded.filter(({ licence }) => !isAllowed(licence))).toEqual([]);
});

test.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0-or-later)', true],
  ['MIT AND GPL-3.0-only', false],
  ['GPL-3.0-only', false],
  ['none named', false],
])('%s: %p', (licence, expected) => {
  expect(isAllowed(licence)).toBe(expected);
});
