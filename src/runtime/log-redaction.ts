import { type LoggerOptions, stdSerializers } from 'pino';

const CENSORED = '[hidden]';
/** Shorter ones would hide half of every line; they are hidden by their names only. */
const SHORTEST = 4;
const secrets = new Set<string>();

/**
 * From now on no log line shows this text, neither as it is nor as it stands in JSON or in an address. The settings say
 * what they hold that is secret when they are read; whoever logs need not know.
 */
export function keepSecret(value: string): void {
  if (value.length < SHORTEST) return;
  for (const form of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])
    secrets.add(form);
}

/** As `text`, without known secrets and without what stands between `//` and `@` of any address. */
export function withoutSecrets(text: string): string {
  let clean = text.replace(/(\b[a-z][a-z\d+.-]*:\/\/)[^\s"'@/]*@/gi, `$1${CENSORED}@`);
  for (const secret of secrets) clean = clean.replaceAll(secret, CENSORED);
  return clean;
}

/**
 * What every logger is made with: fields by their names, errors without the call that failed (ioredis keeps `AUTH name
 * password` in its errors), and, since libraries put values where nobody expects them, the whole line at last.
 */
export const REDACTED_LOGS = {
  redact: {
    paths: ['password', 'secret', 'token', 'authorization', 'cookie'].flatMap((name) => [
      name,
      `*.${name}`,
      `*.*.${name}`,
    ]),
    censor: CENSORED,
  },
  serializers: { err: withoutCommand },
  hooks: { streamWrite: withoutSecrets },
} satisfies LoggerOptions;

function withoutCommand(error: Error): unknown {
  const plain = stdSerializers.err(error) as unknown as Record<string, unknown>;
  if (typeof plain !== 'object' || plain === null || !('command' in plain)) return plain;
  const { name } = (plain.command ?? {}) as { name?: unknown };
  return { ...plain, command: { name } };
}
