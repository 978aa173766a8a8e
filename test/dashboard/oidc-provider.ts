import { createServer } from 'node:http';
import getPort from 'get-port';
import Provider from 'oidc-provider';

export type TestProvider = { readonly issuer: string; close(): Promise<void> };

/**
 * A real OpenID Connect provider on the loopback: any password, and the roles of an account are what stands before the
 * dash in its name, as in operator-ada.
 */
export async function startProvider(client: {
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
}): Promise<TestProvider> {
  const port = await getPort({ host: '127.0.0.1' });
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [client.redirectUri] }],
    claims: { openid: ['sub'], profile: ['name', 'roles'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `Name of ${id}`, roles: [id.split('-')[0]] }),
    }),
    pkce: { required: () => true },
    cookies: { keys: ['a key of this test'] },
  });
  const handle = provider.callback();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    issuer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
