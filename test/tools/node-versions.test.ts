import { expect, test } from '@jest/globals';
import { readText } from '../docs/documents.ts';

test('documents name the versions of Node of package.json, which test/faults/long/node-versions.ts runs; the image has one', () => {
  const { engines } = JSON.parse(readText('package.json'));
  const versions = (engines.node as string).split(' || ').map((range) => range.replace(/^\^|(\.0)+$/g, ''));
  const words = `Node ${versions.join(', ').replace(/, ([^,]*)$/, ' or $1')}`;
  expect(words).toBe('Node 20.12, 22, 24 or 26');
  for (const document of ['README.md', 'docs/operate.md']) expect(readText(document)).toContain(words);
  expect(JSON.parse(readText('package-lock.json')).packages[''].engines).toEqual(engines);
  const [, major] = /^FROM node:(\d+)\./m.exec(readText('Dockerfile'))!;
  expect(versions).toContain(major);
});
