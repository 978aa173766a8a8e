import type { KnownHeader } from './header.ts';

/** What the counters of the LNLS at Campinas are. */
const CHANNELS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    energia: 'energy eV',
    curta: 'i0',
    longa: 'itrans',
    media: 'irefer',
    ge15: 'ifluor',
  }),
);

/** The LNLS: a line of names in quotes, date and hour before the energy; what was worked out of the counts behind. */
export function readLnlsHeader(lines: readonly string[]): KnownHeader | null {
  if (!/^"Data"\s+"Hora"\s+"Energia"/.test(lines[0] ?? '')) return null;
  const names = Array.from(lines[0]!.matchAll(/"([^"]*)"/g), ([, name = '']) => name.toLowerCase());
  return { of: 'the LNLS', columns: names.map((name) => CHANNELS.get(name) ?? name), from: 1 };
}
