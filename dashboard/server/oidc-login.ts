import type { IncomingMessage, ServerResponse } from 'node:http';
import * as oidc from 'openid-client';
import type { Logger } from '../../src/runtime/telemetry.ts';
import { isLoopback } from './allowed-hosts.ts';
import type { SealedCookies } from './sealed-cookies.ts';
import { nameOf, type RoleSettings, roleOf, type Visitor } from './visitor.ts';

export type OidcSettings = {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined: a public client, which PKCE alone protects. */
  readonly clientSecret: string | undefined;
  readonly scope: string;
  /** Address by which browsers know this server, where the provider sends them back to. */
  readonly publicUrl: string;
  readonly sessionSeconds: number;
  readonly roles: RoleSettings;
};

const LOGIN_SECONDS = 600;
const PROVIDER_WITHIN_S = 10;

/** OpenID Connect: authorization code with PKCE, state and nonce; the session is a sealed cookie. */
export function oidcLogin(
  settings: OidcSettings,
  cookies: SealedCookies,
  log: Pick<Logger, 'info' | 'warn'>,
) {
  const callback = new URL('/login/callback', settings.publicUrl);
  let discovered: Promise<oidc.Configuration> | null = null;

  /** The provider may be away when this server starts: it is asked when somebody wants to log in. */
  async function provider(): Promise<oidc.Configuration> {
    const issuer = new URL(settings.issuer);
    discovered ??= oidc.discovery(issuer, settings.clientId, settings.clientSecret, undefined, {
      timeout: PROVIDER_WITHIN_S,
      execute: isLoopback(issuer.hostname) ? [oidc.allowInsecureRequests] : [],
    });
    try {
      return await discovered;
    } catch (error) {
      discovered = null;
      throw error;
    }
  }

  async function begin(response: ServerResponse): Promise<void> {
    const config = await provider();
    const verifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    await cookies.set(response, 'login', { verifier, state, nonce }, LOGIN_SECONDS);
    const to = oidc.buildAuthorizationUrl(config, {
      redirect_uri: callback.href,
      scope: settings.scope,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    redirect(response, to.href);
  }

  async function finish(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const begun = await cookies.read(request, 'login');
    cookies.clear(response, 'login');
    if (begun === null) return refuse(response, 400, 'This log-in was not begun here, or long ago.');
    const config = await provider();
    const tokens = await oidc.authorizationCodeGrant(config, new URL(request.url ?? '', callback), {
      pkceCodeVerifier: begun.verifier as string,
      expectedState: begun.state as string,
      expectedNonce: begun.nonce as string,
      idTokenExpected: true,
    });
    const claims = await allClaims(config, tokens);
    const role = roleOf(claims, settings.roles);
    log.info({ name: nameOf(claims), role }, 'log-in');
    if (role === null) {
      const { claim, viewers, operators } = settings.roles;
      const wanted = [...viewers, ...operators].join(', ');
      return refuse(response, 403, `Expected ${claim} of your account to hold one of: ${wanted}.`);
    }
    await cookies.set(response, 'session', { name: nameOf(claims), role }, settings.sessionSeconds);
    redirect(response, '/');
  }

  /** Some providers put roles into the id token, others only into what /userinfo says. */
  async function allClaims(
    config: oidc.Configuration,
    tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
  ): Promise<Readonly<Record<string, unknown>>> {
    const claims = tokens.claims()!;
    if (!config.serverMetadata().userinfo_endpoint) return claims;
    return { ...claims, ...(await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)) };
  }

  return {
    /** Answers /login and /login/callback; false: the path is not one of these. */
    async handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
      if (path !== '/login' && path !== '/login/callback') return false;
      response.setHeader('cache-control', 'no-store');
      try {
        await (path === '/login' ? begin(response) : finish(request, response));
      } catch (error) {
        log.warn({ err: error }, 'log-in failed');
        refuse(
          response,
          502,
          'The log-in service refused or does not answer; the log of this server has why.',
        );
      }
      return true;
    },
    async visitorOf(request: IncomingMessage): Promise<Visitor | null> {
      const session = await cookies.read(request, 'session');
      if (session === null) return null;
      const { name, role, exp } = session;
      return {
        name: String(name),
        role: role === 'operator' ? 'operator' : 'viewer',
        expiresAtMs: exp! * 1000,
      };
    },
    logOut: (response: ServerResponse) => cookies.clear(response, 'session'),
  };
}

const redirect = (response: ServerResponse, location: string): void =>
  void response.writeHead(303, { location }).end();

function refuse(response: ServerResponse, code: number, reason: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`No log-in. ${reason} To try again open /login\n`);
}
