/**
 * ms since 1970 of a flag's text; null where the flag is not given.
 * @throws Error where it is no time, or has no zone
 */
export function timeFlag(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const atMs = /(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs))
    throw new Error(
      `Expected --${name} to be a time with its zone, such as 2026-11-26T08:00:00Z, got ${text}`,
    );
  return atMs;
}
