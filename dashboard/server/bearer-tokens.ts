import { createPublicKey, createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { FatalError } from '../../src/common/errors.ts';
import { nameOf, type RoleSettings, roleOf, type Visitor } from './visitor.ts';

export type TokenSettings = {
  /** Where the keys come from: a JWKS address, a file with a public key in PEM, or a shared secret. */
  readonly keys: { readonly jwksUrl: string } | { readonly keyFile: string } | { readonly secret: string };
  readonly issuer: string | undefined;
  readonly audience: string;
  readonly roles: RoleSettings;
};

/** Named one by one: a public key must never be taken for the secret of an HMAC, and `none` signs nothing. */
const SIGNATURES = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const HMACS = ['HS256', 'HS384', 'HS512'];
const CLOCKS_DIFFER_S = 5;

/** Signed tokens (JWT) of machines, in the header Authorization: Bearer. */
export function bearerTokens(settings: TokenSettings): (request: IncomingMessage) => Promise<Visitor | null> {
  const verify = verifier(settings);
  return async (request) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return null;
    const claims = await verify(token).catch(() => null);
    const role = claims && roleOf(claims, settings.roles);
    return role ? { name: nameOf(claims), role, expiresAtMs: claims.exp! * 1000 } : null;
  };
}

function verifier({ keys, issuer, audience }: TokenSettings) {
  const checks = {
    audience,
    ...(issuer !== undefined && { issuer }),
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCKS_DIFFER_S,
  };
  if ('jwksUrl' in keys) {
    const set = createRemoteJWKSet(new URL(keys.jwksUrl));
    return async (token: string) =>
      (await jwtVerify(token, set, { ...checks, algorithms: SIGNATURES })).payload;
  }
  const [key, algorithms] =
    'secret' in keys
      ? ([createSecretKey(Buffer.from(keys.secret)), HMACS] as const)
      : ([publicKey(keys.keyFile), SIGNATURES] as const);
  return async (token: string) =>
    (await jwtVerify(token, key, { ...checks, algorithms: [...algorithms] })).payload;
}

function publicKey(file: string) {
  try {
    return createPublicKey(readFileSync(file));
  } catch (error) {
    throw new FatalError(`TOKEN_KEY: expected a file with a public key in PEM: ${(error as Error).message}`);
  }
}
