import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import { EncryptJWT, type JWTPayload, jwtDecrypt } from 'jose';

export type SealedCookies = ReturnType<typeof sealedCookies>;

/**
 * Cookies that only this server can write and read: encrypted and authenticated (AES-256-GCM), with an end. The key is
 * made of `secret`; without one of a random number, so that sessions end with the process. `secure`: browsers know this
 * server by https, and the cookie goes no other way.
 */
export function sealedCookies(options: { readonly secret: string | undefined; readonly secure: boolean }) {
  const key = createHash('sha256')
    .update('xanes-stream session\n')
    .update(options.secret ?? randomBytes(32))
    .digest();
  const full = (name: string) => `${options.secure ? '__Host-' : ''}xanes-${name}`;
  const attributes = { httpOnly: true, secure: options.secure, sameSite: 'lax', path: '/' } as const;
  const add = (response: ServerResponse, cookie: string) => response.appendHeader('set-cookie', cookie);

  return {
    async set(response: ServerResponse, name: string, payload: JWTPayload, seconds: number): Promise<void> {
      const sealed = await new EncryptJWT(payload)
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setAudience(name)
        .setIssuedAt()
        .setExpirationTime(`${seconds}s`)
        .encrypt(key);
      add(response, stringifySetCookie(full(name), sealed, { ...attributes, maxAge: seconds }));
    },
    /** What was sealed; null when there is none, or one that is not ours, was changed or has ended. */
    async read(request: IncomingMessage, name: string): Promise<JWTPayload | null> {
      const sealed = parseCookie(request.headers.cookie ?? '')[full(name)];
      if (!sealed) return null;
      return jwtDecrypt(sealed, key, {
        audience: name,
        requiredClaims: ['exp'],
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      }).then(
        ({ payload }) => payload,
        () => null,
      );
    },
    clear: (response: ServerResponse, name: string) =>
      void add(response, stringifySetCookie(full(name), '', { ...attributes, maxAge: 0 })),
  };
}
