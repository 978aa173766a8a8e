import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

type Entry = {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

test('package-lock.json names every optional package that `npm ci` will look for; else run tools/complete-lock-file.mjs', () => {
  const file = new URL('../../package-lock.json', import.meta.url);
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
  const names = new Set(
    Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)),
  );
  const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
});

test('package-lock.json names no registry', () => {
  const file = new URL('../../package-lock.json', import.meta.url);
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
  const resolved = Object.values(packages).flatMap((entry) => entry.resolved ?? []);
  expect(resolved).toEqual(['clients/typescript']); // our own, which lies there
});

test('every entry has the hash of its package, but for tools of other platforms, which npm does not fetch here', () => {
  const file = new URL('../../package-lock.json', import.meta.url);
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
  const fetched = ([path, { resolved }]: [string, Entry]) => path.includes('node_modules/') && !resolved;
  const bare = Object.entries(packages).filter((entry) => fetched(entry) && !entry[1].integrity);
  const needed = bare.filter(([, { optional, dev }]) => !(optional && dev));
  expect(needed.map(([path]) => path)).toEqual([]);
  const hashed = Object.values(packages).filter(({ integrity }) => integrity);
  expect(hashed.filter(({ integrity }) => !integrity!.startsWith('sha512-'))).toEqual([]);
  expect(hashed.length).toBeGreaterThan(300);
});
