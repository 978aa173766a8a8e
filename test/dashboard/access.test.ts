import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import getPort from 'get-port';
import { EncryptJWT, exportJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import type { Browser, Page } from 'playwright-core';
import { startProcess, typescript } from '../../demo/services/start-process.ts';
import { temporaryFolder } from '../../demo/services/temporary-folder.ts';
import { until, untilPasses } from '../until.ts';
import { launchBrowser } from './browser.ts';
import { startProvider } from './oidc-provider.ts';
import {
  buildPage,
  connected,
  openSocket,
  root,
  startDashboard,
  type TestDashboard,
} from './start-dashboard.ts';

const redisUrl = process.env.REDIS_URL_TEST ?? '';
const SECRET = 'a secret of 32 characters or more';
const CLIENT = { id: 'xanes-dashboard', secret: 'what the provider and we alone know' };

let browser: Browser;
let closers: (() => unknown)[];

beforeAll(async () => {
  jest.spyOn(console, 'warn').mockImplementation(() => {}); // the provider says that it is one for tests
  buildPage();
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(() => {
  closers = [];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

async function start(env: Readonly<Record<string, string>>): Promise<TestDashboard> {
  const prefix = `access-${randomUUID()}:`;
  const server = await startDashboard({ REDIS_URL: redisUrl, REDIS_PREFIX: prefix, ...env });
  closers.push(() => server.stop());
  return server;
}

const isLetIn = (server: TestDashboard, headers: Readonly<Record<string, string>>): Promise<boolean> => {
  const socket = openSocket(server.url, headers);
  closers.push(() => socket.close());
  return connected(socket).then(
    () => true,
    () => false,
  );
};

describe('log-in with a real OpenID Connect provider', () => {
  async function startBoth(env: Readonly<Record<string, string>> = {}) {
    const port = await getPort({ host: '127.0.0.1' });
    const url = `http://127.0.0.1:${port}`;
    const provider = await startProvider({ ...CLIENT, redirectUri: `${url}/login/callback` });
    closers.push(() => provider.close());
    const server = await start({
      PORT: `${port}`,
      DASHBOARD_URL: url,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      ...env,
    });
    return { ...server, port, url };
  }

  async function newPage(): Promise<Page> {
    const context = await browser.newContext();
    closers.push(() => context.close());
    return context.newPage();
  }

  async function logIn(page: Page, url: string, account: string): Promise<void> {
    await page.goto(url); // leads to the provider
    await page.fill('input[name=login]', account);
    await page.fill('input[name=password]', 'any');
    await page.click('button[type=submit]');
    await page.click('button[type=submit]'); // consents
  }

  test.each([
    ['viewer-vic', /Name of viewer-vic \(viewer\)/],
    ['operator-ada', /Name of operator-ada \(operator\)/],
  ])('%s logs in and sees the page and the role; logging out ends that', async (account, expected) => {
    const { url } = await startBoth();
    const page = await newPage();
    await logIn(page, url, account);
    await until(async () => expected.test((await page.locator('.visitor').textContent()) ?? ''));
    await until(async () => (await page.locator('.cell-connection .cell-value').textContent()) === 'live');
    const cookies = await page.context().cookies(url);
    const session = cookies.find(({ name }) => name === 'xanes-session')!;
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    expect(session.value).not.toContain(Buffer.from(account).toString('base64url').slice(0, 8));
    await page.request.post(`${url}/logout`, { headers: { origin: url } });
    expect((await page.request.get(`${url}/visitor`)).status()).toBe(200);
    expect(await (await page.request.get(`${url}/visitor`)).json()).toMatchObject({
      outside: true,
      login: true,
    });
  });

  test('an account without a role stays outside', async () => {
    const { url } = await startBoth();
    const page = await newPage();
    await logIn(page, url, 'guest-gil');
    await until(async () => /hold one of: viewer, operator/.test((await page.textContent('body')) ?? ''));
    expect((await page.request.get(`${url}/visitor`)).ok()).toBe(true);
    expect(await (await page.request.get(`${url}/visitor`)).json()).toMatchObject({ outside: true });
  });

  test('a session ends while the page is open, and the page says what to do', async () => {
    const { url } = await startBoth({ SESSION_SECONDS: '3' });
    const page = await newPage();
    await logIn(page, url, 'viewer-vic');
    await until(async () => (await page.locator('.cell-connection .cell-value').textContent()) === 'live');
    await until(async () => /session has ended/.test((await page.locator('.message').textContent()) ?? ''));
    await untilPasses(async () => expect(await page.locator('.log-in').isVisible()).toBe(true));
    await page.click('.log-in'); // the provider still knows the visitor
    await until(async () => (await page.locator('.cell-connection .cell-value').textContent()) === 'live');
  });

  test('without a session there is no page, no file of it and no socket; forged sessions are none', async () => {
    const { url, ...server } = await startBoth({ SESSION_SECRET: SECRET });
    const get = (path: string, cookie = '') =>
      fetch(`${url}${path}`, { redirect: 'manual', headers: { cookie } });
    const first = await get('/');
    expect([first.status, first.headers.get('location')]).toEqual([303, '/login']);
    expect((await get('/index.html')).status).toBe(401);
    expect((await get('/assets/anything.js')).status).toBe(401);
    const claims = { name: 'Eve', role: 'operator' };
    const sealedBy = (key: Uint8Array, audience: string) =>
      new EncryptJWT(claims)
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setAudience(audience)
        .setExpirationTime('1h')
        .encrypt(key);
    const forged = [
      'nonsense',
      await sealedBy(new Uint8Array(32), 'session'),
      new UnsecuredJWT(claims).setAudience('session').setExpirationTime('1h').encode(),
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .setAudience('session')
        .setExpirationTime('1h')
        .sign(Buffer.from(SECRET)),
    ];
    for (const value of forged) {
      expect((await get('/', `xanes-session=${value}`)).status).toBe(303);
      expect(await isLetIn({ ...server, url }, { origin: url, cookie: `xanes-session=${value}` })).toBe(
        false,
      );
    }
    // What a log-in carries while it is under way is sealed by the same key, and is no session.
    const begun = (await get('/login')).headers.get('set-cookie')!.split(';')[0]!.split('=')[1]!;
    expect((await get('/', `xanes-session=${begun}`)).status).toBe(303);
  });

  test('a callback that was not begun here, or with another state, gives no session', async () => {
    const { url } = await startBoth();
    const bare = await fetch(`${url}/login/callback?code=x&state=y`, { redirect: 'manual' });
    expect([bare.status, bare.headers.get('set-cookie')]).toEqual([
      400,
      expect.not.stringMatching(/session/),
    ]);
    const begun = await fetch(`${url}/login`, { redirect: 'manual' });
    expect(begun.headers.get('location')).toMatch(/code_challenge_method=S256/);
    const cookie = begun.headers.get('set-cookie')!.split(';')[0]!;
    const other = await fetch(`${url}/login/callback?code=x&state=y`, {
      redirect: 'manual',
      headers: { cookie },
    });
    expect([other.status, other.headers.get('set-cookie')]).toEqual([
      502,
      expect.not.stringMatching(/session/),
    ]);
  });

  test('logging out is no business of another site', async () => {
    const { url } = await startBoth();
    const logOut = (origin: string) => fetch(`${url}/logout`, { method: 'POST', headers: { origin } });
    expect((await logOut('https://evil.example')).status).toBe(403);
    expect((await logOut(url)).status).toBe(204);
  });

  test('a provider that is away is said so, and does not stop the server', async () => {
    const { url, ...server } = await startBoth({ OIDC_ISSUER: 'http://127.0.0.1:9' });
    const answer = await fetch(`${url}/login`, { redirect: 'manual' });
    expect(answer.status).toBe(502);
    expect(await answer.text()).toMatch(/does not answer/);
    await until(() => /log-in failed/.test(server.output()));
  });
});

describe('signed tokens of machines', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const CLAIMS = { sub: 'scan-control', roles: ['viewer'] };
  type Change = { audience?: string; issuer?: string; expires?: number | string | null; claims?: JWTPayload };

  function unsigned({
    audience = 'xanes-dashboard',
    issuer = 'facility',
    expires = '1h',
    claims = {},
  }: Change) {
    const token = new SignJWT({ ...CLAIMS, ...claims }).setAudience(audience).setIssuer(issuer);
    return expires === null ? token : token.setExpirationTime(expires);
  }
  const signed = (change: Change = {}, key = privateKey) =>
    unsigned(change).setProtectedHeader({ alg: 'EdDSA', kid: 'one' }).sign(key);

  async function keyFile(): Promise<string> {
    const folder = temporaryFolder('token-key');
    closers.push(() => folder.remove());
    const file = join(folder.path, 'public.pem');
    writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }));
    return file;
  }

  async function jwksUrl(): Promise<string> {
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'EdDSA', use: 'sig' }] };
    const server = createServer((_, response) => response.end(JSON.stringify(jwks)));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    closers.push(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  }

  test.each(['file', 'jwks'])('keys from a %s: only what is right gets in', async (source) => {
    const keys = source === 'file' ? { TOKEN_KEY: await keyFile() } : { TOKEN_JWKS_URL: await jwksUrl() };
    const server = await start({ ...keys, TOKEN_ISSUER: 'facility' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const tokens: readonly (readonly [string, string, number])[] = [
      ['right', await signed(), 200],
      ['operator', await signed({ claims: { roles: ['operator'] } }), 200],
      ['wrong audience', await signed({ audience: 'other' }), 401],
      ['wrong issuer', await signed({ issuer: 'other' }), 401],
      ['wrong signature', await signed({}, stranger), 401],
      ['expired', await signed({ expires: Math.floor(Date.now() / 1000) - 60 }), 401],
      ['no end', await signed({ expires: null }), 401],
      ['no role', await signed({ claims: { roles: ['guest'] } }), 401],
      [
        'alg none',
        new UnsecuredJWT(CLAIMS).setAudience('xanes-dashboard').setExpirationTime('1h').encode(),
        401,
      ],
      // The classic: the public key, which everybody has, as the secret of an HMAC.
      ['alg changed', await unsigned({}).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(pem)), 401],
    ];
    const got = [];
    for (const [what, token] of tokens) {
      const authorization = `Bearer ${token}`;
      const { status } = await fetch(`${server.url}/`, { headers: { authorization } });
      got.push([what, token, status]);
      expect([what, await isLetIn(server, { authorization })]).toEqual([what, status === 200]);
    }
    expect(got).toEqual(tokens);
    expect((await fetch(`${server.url}/`)).status).toBe(401);
    expect(await isLetIn(server, { origin: server.url })).toBe(false);
  });

  test('a shared secret; the socket names who it is for and ends with the token', async () => {
    const server = await start({ TOKEN_SECRET: SECRET });
    const token = await unsigned({ expires: '2s', claims: { roles: 'operator' } })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(SECRET));
    const socket = openSocket(server.url, { authorization: `Bearer ${token}` });
    closers.push(() => socket.close());
    let visitor: unknown;
    let ended = '';
    socket.on('visitor', (who) => {
      visitor = who;
    });
    socket.on('disconnect', (_, details) => {
      ended = String((details as { context?: { reason?: string } } | undefined)?.context?.reason);
    });
    await connected(socket);
    await until(() => ended !== '');
    expect(visitor).toEqual({ name: 'scan-control', role: 'operator' });
    expect(ended).toMatch(/session has ended/);
  });
});

describe('where nobody logs in', () => {
  const mayWrite = (url: string, headers: Readonly<Record<string, string>>): Promise<boolean> => {
    const socket = openSocket(url, { origin: url, ...headers });
    closers.push(() => socket.close());
    return new Promise((resolve, reject) => {
      socket.once('visitor', (_, may) => resolve(may));
      connected(socket).catch(reject);
    });
  };

  test.each(['127.0.0.1', '::1', 'localhost'])('on %s only who comes by no proxy may write', async (HOST) => {
    const server = await start({ HOST });
    const url = `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${server.port}`;
    expect(server.output()).toContain(`"url":"${url}"`);
    expect(await mayWrite(url, {})).toBe(true);
    for (const name of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via'])
      expect([name, await mayWrite(url, { [name]: '192.0.2.1' })]).toEqual([name, false]);
  });
});

describe('metrics', () => {
  test('are for this machine, for tokens, or for anybody who is told so', async () => {
    const server = await start({ TOKEN_SECRET: SECRET });
    const forwarded = { 'x-forwarded-for': '192.0.2.1' }; // what a proxy on this machine says
    const token = await new SignJWT({ sub: 'prometheus', roles: ['viewer'] })
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience('xanes-dashboard')
      .setExpirationTime('1h')
      .sign(Buffer.from(SECRET));
    const status = async (headers: Readonly<Record<string, string>>, url = server.url) =>
      (await fetch(`${url}/metrics`, { headers })).status;
    expect(await status({})).toBe(200);
    expect(await status(forwarded)).toBe(401);
    expect(await status({ ...forwarded, authorization: `Bearer ${token}` })).toBe(200);
    const open = await start({ TOKEN_SECRET: SECRET, DASHBOARD_METRICS: 'open' });
    expect(await status(forwarded, open.url)).toBe(200);
    for (const path of ['/healthz', '/readyz'])
      expect((await fetch(`${server.url}${path}`, { headers: forwarded })).status).not.toBe(401);
  });
});

describe('a server that everybody can reach', () => {
  async function output(
    env: Readonly<Record<string, string>>,
  ): Promise<{ code: number | null; text: string }> {
    const dashboard = await startProcess('dashboard', {
      ...typescript(join(root, 'dashboard/server/main.ts')),
      env: { PORT: '0', REDIS_URL: redisUrl, ...env },
    });
    const { code } = await dashboard.exited;
    return { code, text: dashboard.output() };
  }

  test('does not start without a log-in', async () => {
    const { code, text } = await output({ HOST: '0.0.0.0' });
    expect(code).toBe(1);
    expect(text).toMatch(
      /HOST is 0\.0\.0\.0.*OIDC_ISSUER.*TOKEN_JWKS_URL, TOKEN_KEY and TOKEN_SECRET.*--insecure/,
    );
  });

  test('starts when told --insecure', async () => {
    const server = await startDashboard({ HOST: '0.0.0.0', REDIS_URL: redisUrl }, ['--insecure']);
    closers.push(() => server.stop());
    expect((await fetch(`${server.url}/`)).status).toBe(200);
  });

  test.each([
    [{ OIDC_ISSUER: 'https://id.example' }, /needs OIDC_CLIENT_ID and DASHBOARD_URL/],
    [
      { OIDC_ISSUER: 'http://id.example', OIDC_CLIENT_ID: 'x', DASHBOARD_URL: 'https://x.example' },
      /OIDC_ISSUER: expected https/,
    ],
    [{ TOKEN_SECRET: SECRET, TOKEN_JWKS_URL: 'https://x.example' }, /Expected one of TOKEN_JWKS_URL/],
    [{ TOKEN_KEY: '/no/such/file' }, /TOKEN_KEY: expected a file in PEM that can be read/],
  ])('%p is refused with a sentence', async (env, expected) => {
    const { code, text } = await output(env);
    expect(code).toBe(1);
    expect(text).toMatch(expected);
  });
});
