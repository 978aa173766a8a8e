import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { schemaRegistry } from '../../src/schema-registry/schema-registry.ts';

// What a registry, or whatever stands at its address, does wrong: a real one is in test/integration/registry.test.ts.
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function registryThat(answers: RequestListener, timeoutMs = 5_000) {
  server = createServer(answers);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return schemaRegistry({ url: `http://127.0.0.1:${port}/api/`, username: 'me', password: 'ü', timeoutMs });
}
const json = (body: unknown, status = 200): RequestListener => {
  return (_, response) => response.writeHead(status).end(JSON.stringify(body));
};

test.each<[string, RequestListener, RegExp]>([
  [
    'a page of HTML',
    (_, response) => response.end('<html>log in</html>'),
    /no JSON object: is this the address/,
  ],
  ['nothing', (_, response) => response.end(), /no JSON object/],
  ['a list', json(null), /no JSON object/],
  ['an object without a schema', json({ id: 1 }), /without a schema/],
  [
    'an error of its own',
    json({ error_code: 50001, message: 'store is down' }, 500),
    /status 500: store is down/,
  ],
  ['a refusal of the log-in', json({ message: 'who are you' }, 401), /status 401: who are you/],
  ['a connection that breaks', (_, response) => response.destroy(), /no answer: /],
  ['more than a megabyte', (_, response) => response.end(Buffer.alloc(3e6, ' ')), /more than 1048576 bytes/],
  ['a redirect to itself', (_, response) => response.writeHead(302, { location: '/x' }).end(), /no answer: /],
])('%s is as if it were away', async (_, answers, says) => {
  await expect((await registryThat(answers)).schemaOf(7)).rejects.toThrow(says);
});

test('an answer that does not end is cut off', async () => {
  const endless: RequestListener = (_, response) => void response.writeHead(200).write('{"schema": "');
  await expect((await registryThat(endless, 200)).schemaOf(7)).rejects.toThrow(/timeout/);
});

test.each<[string, RequestListener, RegExp]>([
  [
    'an unknown id',
    json({ error_code: 40403 }, 404),
    /schema 7 to be in the registry, which does not know it/,
  ],
  ['a schema of another kind', json({ schema: '{}', schemaType: 'PROTOBUF' }), /to be Avro, got PROTOBUF/],
  [
    'a schema that leans on others',
    json({ schema: '{}', references: [{ name: 'x', subject: 'y', version: 1 }] }),
    /references to 1 others/,
  ],
])('%s is the end of it', async (_, answers, says) => {
  expect(await (await registryThat(answers)).schemaOf(7)).toMatchObject({
    reason: 'unknown-schema',
    detail: expect.stringMatching(says),
  });
});

test('a schema is asked for by its id, with the log-in', async () => {
  let asked: unknown;
  const registry = await registryThat((request, response) => {
    asked = [request.url, request.headers.authorization];
    response.end(JSON.stringify({ schema: '"string"' }));
  });
  expect(await registry.schemaOf(4_000_000_000)).toBe('"string"');
  expect(asked).toEqual(['/api/schemas/ids/4000000000', `Basic ${Buffer.from('me:ü').toString('base64')}`]);
});

test('a schema that the registry will not have is said with its words', async () => {
  const registry = await registryThat(json({ error_code: 409, message: 'incompatible' }, 409));
  await expect(registry.idOf('scans-value', '{}')).rejects.toThrow(
    /status 409 for subject scans-value: incompatible/,
  );
});
