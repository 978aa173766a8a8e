import type { KnownHeader } from './header.ts';

/** EPICS scans of GSECARS: `; D1 = {I0} --> 13BMD:scaler1_calc2.VAL` for each column. */
export function readEpicsHeader(lines: readonly string[]): KnownHeader | null {
  if (!/^;\s*Epics Scan/i.test(lines[0] ?? '')) return null;
  const columns: string[] = [];
  let from = 0;
  for (const [i, line] of lines.entries()) {
    const name = /^;\s*[PD]\d+\s*=\s*\{([^}]*)\}/.exec(line)?.[1];
    if (name === undefined) continue;
    columns.push(name.trim().replaceAll(/\s+/g, '_'));
    from = i + 1;
  }
  return columns.length === 0 ? null : { of: 'an EPICS scan', columns, from };
}
