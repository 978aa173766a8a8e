import type { KnownHeader } from './header.ts';

const CHANNELS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    enc_energy: 'energy',
    vfc01: 'i0',
    vfc02: 'itrans',
    vfc03: 'irefer',
    vfc04: 'ifluor',
  }),
);

/** Beamline P65 of PETRA III: the last comment names the columns, chambers and diode by their converters. */
export function readP65Header(lines: readonly string[]): KnownHeader | null {
  if (!/PETRA III Extension Beamline P65/.test(lines[0] ?? '')) return null;
  const numbers = lines.findIndex((line) => !line.startsWith('#'));
  const last = lines.findLastIndex((line, i) => i < numbers && /^#\s*enc_energy\s/.test(line));
  if (last < 0) return null;
  const columns = lines[last]!.slice(1)
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .map((name) => CHANNELS.get(name) ?? name);
  return { of: 'P65', columns, from: last + 1 };
}
