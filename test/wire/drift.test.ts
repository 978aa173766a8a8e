import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { derivedFiles, schemaTexts } from '../../tools/derived-files.ts';

const root = new URL('../../', import.meta.url);

test('types, fingerprints, docs/asyncapi.yaml and the schemas of the client packages are what tools/schemas.ts makes of schemas/', () => {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const derived = derivedFiles(schemaTexts(root), version);
  expect(Object.keys(derived)).toEqual(
    expect.arrayContaining(['clients/typescript/schemas/history/descriptors.v1.2.avsc']),
  );
  for (const [path, text] of Object.entries(derived)) {
    expect({ path, text: readFileSync(new URL(path, root), 'utf8') }).toEqual({ path, text });
  }
});
