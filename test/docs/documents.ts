import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '../..');

/** Made or fetched, not written: whatever documents lie there are not ours. */
const PASSED_OVER: ReadonlySet<string> = new Set(['node_modules', 'dist', 'test-results']);

export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Markdown files of the checkout, relative to it. */
export function documents(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || PASSED_OVER.has(entry.name)) return [];
    if (entry.isDirectory()) return documents(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/**
 * First cells of the tables beneath a heading, code marks taken off; a heading of the same or a higher rank ends it.
 */
export function rowsUnder(text: string, heading: string): string[] {
  const lines = text.split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`Expected the heading "${heading}", got none`);
  const rank = heading.indexOf(' ');
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= rank);
  return firstCells(rest.slice(0, end < 0 ? undefined : end));
}

function firstCells(lines: readonly string[]): string[] {
  return lines.flatMap((line, i) => {
    const isHead = /^\|[\s:|-]+\|$/.test(lines[i + 1] ?? '');
    if (!line.startsWith('|') || isHead || /^\|[\s:|-]+\|$/.test(line)) return [];
    return (line.split('|')[1] ?? '').split(',').map((cell) => cell.replaceAll('`', '').trim());
  });
}
