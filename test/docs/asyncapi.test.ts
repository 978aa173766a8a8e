import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { REJECT_REASONS } from '../../src/messages/reject.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { parsedByAsyncapi } from './asyncapi-parser.ts';
import { ROOT, readText } from './documents.ts';

// That the file is what tools/schemas.ts makes of the code and the schemas is held by test/wire/drift.test.ts.
const FILE = join(ROOT, 'docs/asyncapi.yaml');
const broken = join(ROOT, 'docs/asyncapi-broken.yaml');
afterEach(() => rmSync(broken, { force: true }));

test("docs/asyncapi.yaml is AsyncAPI 3 and its schemas are Avro, by AsyncAPI's own parser; it has every topic", async () => {
  const { channels, found } = await parsedByAsyncapi(FILE);
  expect(found).toEqual([]);
  const settings = Object.entries(readConfig({})).filter(([name]) => name.startsWith('TOPIC_'));
  const topics = settings.filter(([name]) => name !== 'TOPIC_PARTITIONS').map(([, topic]) => topic);
  expect([...channels].sort()).toEqual([...topics].sort());
});

test('it lists what headers and codes there are', () => {
  const { messages } = parse(readText('docs/asyncapi.yaml')).components;
  const letter = messages['dead-letter'];
  expect(letter.headers.properties.reason.enum).toEqual(Object.keys(REJECT_REASONS));
  expect(Object.keys(messages.descriptors['x-reason'])).toContain('mixed-sites');
  expect(messages.request['x-kind']['more-scans']).toMatchObject({ needs: ['scans'] });
  expect(messages.acknowledgement['x-reason']).toHaveProperty('restarted');
  const fingerprint = messages.scan.headers.properties['schema-fingerprint'].const;
  expect(fingerprint).toBe(JSON.parse(readText('schemas/fingerprints.json'))['scan.v1.avsc'].sha256);
});

test('a file whose message is no Avro is found', async () => {
  const text = readText('docs/asyncapi.yaml');
  writeFileSync(broken, text.replaceAll('../schemas/scan.v1.avsc', '../schemas/fingerprints.json'));
  expect((await parsedByAsyncapi(broken)).found).not.toEqual([]); // it follows what it is referred to
});
