import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { derivedFiles } from '../../tools/derive-wire-types.ts';

const root = new URL('../../', import.meta.url);

test('types and fingerprints are what tools/schemas.ts makes of schemas/', () => {
  const schemas = Object.fromEntries(
    readdirSync(new URL('schemas/', root))
      .filter((file) => file.endsWith('.avsc'))
      .map((file) => [file, readFileSync(new URL(`schemas/${file}`, root), 'utf8')]),
  );
  for (const [path, text] of Object.entries(derivedFiles(schemas))) {
    expect({ path, text: readFileSync(new URL(path, root), 'utf8') }).toEqual({ path, text });
  }
});
