import { readdirSync, readFileSync } from 'node:fs';
import { asyncapi } from './asyncapi.ts';
import { pythonTypes } from './derive-python-types.ts';
import { fingerprintsOf, typescriptTypes } from './derive-wire-types.ts';

/** What the client packages read and write; the rest is the services' own, or written by operators. */
const OF_CLIENTS = [
  ...['scan', 'descriptors', 'dead-letter', 'run', 'request', 'acknowledgement'],
  ...['change', 'accumulation'],
];
const TYPESCRIPT_CLIENT = 'clients/typescript';
const PYTHON_CLIENT = 'clients/python/src/xanes_stream';

/** Texts of the schemas by their paths in `schemas/`, former ones included. */
export function schemaTexts(root: URL): Record<string, string> {
  const folder = new URL('schemas/', root);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const schemas = files.filter((file) => file.endsWith('.avsc')).sort();
  return Object.fromEntries(schemas.map((file) => [file, readFileSync(new URL(file, folder), 'utf8')]));
}

/**
 * Files that follow from the schemas: types of the decoded records, the fingerprints that foreign clients put into
 * their headers, and what the client packages carry with them. The schemas are the truth; these are regenerated, never
 * edited.
 * @param schemas as `schemaTexts` has them
 * @param version of this project
 * @returns texts by their paths in the checkout
 */
export function derivedFiles(
  schemas: Readonly<Record<string, string>>,
  version: string,
): Record<string, string> {
  const all = Object.entries(schemas);
  const current = all.filter(([file]) => !file.includes('/'));
  const ofClients = (file: string) =>
    OF_CLIENTS.some((name) => file.replace(/^.*\//, '').startsWith(`${name}.v`));
  const packed = all.filter(([file]) => ofClients(file));
  const spoken = current.filter(([file]) => ofClients(file));
  const copies = [TYPESCRIPT_CLIENT, PYTHON_CLIENT].flatMap((folder) =>
    packed.map(([file, text]) => [`${folder}/schemas/${file}`, text]),
  );
  const fingerprints = fingerprintsOf(current);
  return {
    'src/wire/generated.ts': typescriptTypes(current, { prefix: 'Wire', arrays: 'typed' }),
    'schemas/fingerprints.json': fingerprints,
    'docs/asyncapi.yaml': asyncapi(schemas, JSON.parse(fingerprints), version),
    [`${TYPESCRIPT_CLIENT}/src/generated.ts`]: typescriptTypes(spoken, { prefix: '', arrays: 'plain' }),
    [`${PYTHON_CLIENT}/messages.py`]: pythonTypes(spoken),
    ...Object.fromEntries(copies),
  };
}
