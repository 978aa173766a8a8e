import { expect, test } from '@jest/globals';
import { readText } from '../docs/documents.ts';
import { importTool } from '../import-tool.ts';

test('documents name the versions of Node of package.json, which test/faults/long/node-versions.ts runs; the image has one', () => {
  const { engines } = JSON.parse(readText('package.json'));
  const versions = (engines.node as string).split(' || ').map((range) => range.replace(/^\^|(\.0)+$/g, ''));
  const words = `Node ${versions.join(', ').replace(/, ([^,]*)$/, ' or $1')}`;
  expect(words).toBe('Node 20.19, 22.12, 24 or 26');
  for (const document of ['README.md', 'docs/operate.md']) expect(readText(document)).toContain(words);
  expect(JSON.parse(readText('package-lock.json')).packages[''].engines).toEqual(engines);
  const [, major] = /^FROM node:(\d+)\./m.exec(readText('Dockerfile'))!;
  expect(versions.map((version) => version.split('.')[0])).toContain(major);
});

test('on another version nothing is set up, and it is said which are wanted', async () => {
  const { isNamed, requireNode } = await importTool<{
    isNamed(version: string, range: string): boolean;
    requireNode(version?: string): void;
  }>('node-version');
  const range = '^20.19.0 || ^24.0.0';
  for (const version of ['20.19.0', '20.19.4', '20.20.0', '24.0.0', '24.7.1'])
    expect(isNamed(version, range)).toBe(true);
  for (const version of ['18.20.0', '20.12.0', '20.18.9', '21.0.0', '25.1.0'])
    expect(isNamed(version, range)).toBe(false);
  expect(() => requireNode('20.12.0')).toThrow(/Expected Node \^20\.19\.0 .*, got 20\.12\.0/);
  requireNode();
});
