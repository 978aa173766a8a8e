import type { KnownHeader } from './header.ts';

/** Counters of EXAFS scans at HASYLAB and DESY: the chambers before and behind the sample, and behind the foil. */
const COUNTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({ c1: 'i0', c2: 'itrans', c3: 'irefer' }),
);

/**
 * FIO of DESY (`%c` comments, `%d` data): ` Col 4 CU_00001_C1 FLOAT` for each column, all with the name of the scan
 * before their own.
 */
export function readFioHeader(lines: readonly string[]): KnownHeader | null {
  const data = lines.findIndex((line) => /^%d\s*$/.test(line));
  if (data < 0 || !lines.some((line) => /^%[cp]\s*$/.test(line))) return null;
  const names: string[] = [];
  for (const line of lines.slice(data + 1)) {
    const name = /^\s*Col\s+\d+\s+(\S+)\s+\w+\s*$/i.exec(line)?.[1];
    if (name === undefined) break;
    names.push(name);
  }
  if (names.length === 0) return null;
  const isExafs = lines.some((line) => /EXAFS-Scan/i.test(line));
  const prefix = commonPrefix(names);
  const columns = names.map((name, i) => {
    const own = name.slice(prefix.length).replace(/^_+/, '').toLowerCase();
    if (isExafs && i === 0 && own === '') return 'energy';
    return (isExafs && COUNTERS.get(own)) || own || `column_${i + 1}`;
  });
  return { of: 'FIO', columns, from: data + 1 + names.length };
}

/** What all names begin with, up to the end of a part between underscores. */
function commonPrefix(names: readonly string[]): string {
  const [first = '', ...others] = names;
  const parts = first.split('_');
  for (let i = parts.length; i > 0; i -= 1) {
    const prefix = parts.slice(0, i).join('_');
    if (others.every((name) => name === prefix || name.startsWith(`${prefix}_`))) return prefix;
  }
  return '';
}
