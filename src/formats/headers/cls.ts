import type { KnownHeader } from './header.ts';

/** What the counters of HXMA are. */
const CHANNELS: readonly (readonly [RegExp, string])[] = [
  [/energy:sp$/i, 'energy'],
  [/mcs03:fbk$/i, 'ifluor'],
  [/mcs04:fbk$/i, 'i0'],
  [/mcs05:fbk$/i, 'itrans'],
  [/mcs06:fbk$/i, 'irefer'],
];

/** Data Acquisition of the Canadian Light Source: names in quotes behind `#(1)`, numbers with commas. */
export function readClsHeader(lines: readonly string[]): KnownHeader | null {
  if (!/CLS Data Acquisition/.test(lines[0] ?? '')) return null;
  const at = lines.findIndex((line) => /^#\(1\)\s*"Event-ID"/.test(line));
  if (at < 0) return null;
  const columns = Array.from(lines[at]!.matchAll(/"([^"]*)"/g), ([, name = '']) => {
    return CHANNELS.find(([is]) => is.test(name))?.[1] ?? name.replaceAll(/\s+/g, '_');
  });
  return { of: 'CLS Data Acquisition', columns, from: at + 1 };
}
