import type { IncomingMessage, ServerResponse } from 'node:http';
import { FatalError } from '../../src/common/errors.ts';
import type { Config } from '../../src/runtime/config.ts';
import type { Logger } from '../../src/runtime/telemetry.ts';
import { isLoopback } from './allowed-hosts.ts';
import { bearerTokens, type TokenSettings } from './bearer-tokens.ts';
import { type OidcSettings, oidcLogin } from './oidc-login.ts';
import { sealedCookies } from './sealed-cookies.ts';
import type { Visitor } from './visitor.ts';

export type AccessSettings = {
  readonly oidc: OidcSettings | undefined;
  readonly tokens: TokenSettings | undefined;
  readonly sessionSecret: string | undefined;
};

/** Who may see the page. Without OIDC and tokens: everybody who can reach it. */
export type Access = {
  readonly required: boolean;
  /** Whether people can log in; else only machines have tokens. */
  readonly hasLogin: boolean;
  visitorOf(request: IncomingMessage): Promise<Visitor | null>;
  /** Who a token names, whatever the cookies say. */
  tokenOf(request: IncomingMessage): Promise<Visitor | null>;
  /** Answers the paths of the log-in; false: the path is another one. */
  handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  logOut(response: ServerResponse): void;
};

export function access(settings: AccessSettings, log: Pick<Logger, 'info' | 'warn'>): Access {
  const secure = settings.oidc?.publicUrl.startsWith('https:') ?? false;
  const login =
    settings.oidc && oidcLogin(settings.oidc, sealedCookies({ secret: settings.sessionSecret, secure }), log);
  const tokens = settings.tokens && bearerTokens(settings.tokens);
  const tokenOf = async (request: IncomingMessage) => (await tokens?.(request)) ?? null;
  return {
    required: login !== undefined || tokens !== undefined,
    hasLogin: login !== undefined,
    tokenOf,
    visitorOf: async (request) => (await tokenOf(request)) ?? (await login?.visitorOf(request)) ?? null,
    handle: async (path, request, response) => (await login?.handle(path, request, response)) ?? false,
    logOut: (response) => login?.logOut(response),
  };
}

/**
 * The part of the configuration that says who gets in. Throws a FatalError when it contradicts itself, and when
 * everybody would get in from everywhere: that has to be said with --insecure.
 */
export function accessSettings(config: Config, insecure: boolean): AccessSettings {
  const roles = {
    claim: config.ROLE_CLAIM,
    viewers: config.ROLES_VIEWER,
    operators: config.ROLES_OPERATOR,
  };
  const settings: AccessSettings = {
    oidc: oidcSettings(config, roles),
    tokens: tokenSettings(config, roles),
    sessionSecret: config.SESSION_SECRET,
  };
  if (!settings.oidc && !settings.tokens && !insecure && !isLoopback(config.HOST)) {
    throw new FatalError(
      `HOST is ${config.HOST}, and everybody who reaches it would see everything: set OIDC_ISSUER, or one of ` +
        'TOKEN_JWKS_URL, TOKEN_KEY and TOKEN_SECRET, or start with --insecure',
    );
  }
  return settings;
}

function oidcSettings(config: Config, roles: OidcSettings['roles']): OidcSettings | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, DASHBOARD_URL: publicUrl } = config;
  if (issuer === undefined) return undefined;
  if (clientId === undefined || publicUrl === undefined)
    throw new FatalError('OIDC_ISSUER: needs OIDC_CLIENT_ID and DASHBOARD_URL');
  for (const [name, value] of Object.entries({ OIDC_ISSUER: issuer, DASHBOARD_URL: publicUrl })) {
    const { protocol, hostname } = new URL(value);
    if (protocol !== 'https:' && !isLoopback(hostname))
      throw new FatalError(`${name}: expected https, since sessions and codes travel by it, got ${protocol}`);
  }
  return {
    issuer,
    clientId,
    publicUrl,
    clientSecret: config.OIDC_CLIENT_SECRET,
    scope: config.OIDC_SCOPE,
    sessionSeconds: config.SESSION_SECONDS,
    roles,
  };
}

function tokenSettings(config: Config, roles: TokenSettings['roles']): TokenSettings | undefined {
  const { TOKEN_JWKS_URL: jwksUrl, TOKEN_KEY: keyFile, TOKEN_SECRET: secret } = config;
  const sources = [
    ...(jwksUrl === undefined ? [] : [{ jwksUrl }]),
    ...(keyFile === undefined ? [] : [{ keyFile }]),
    ...(secret === undefined ? [] : [{ secret }]),
  ];
  if (sources.length > 1)
    throw new FatalError('Expected one of TOKEN_JWKS_URL, TOKEN_KEY and TOKEN_SECRET, got several');
  const [keys] = sources;
  return keys && { keys, issuer: config.TOKEN_ISSUER, audience: config.TOKEN_AUDIENCE, roles };
}
