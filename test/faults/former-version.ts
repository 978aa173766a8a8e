import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export type FormerVersion = {
  /** Folder of its checkout. */
  readonly folder: string;
  remove(): void;
};

/**
 * This program as it was on the wire before the event had the fields that it has: it writes events of the schema
 * `former` of schemas/history, and knows no newer one. A clone need not have the history for that.
 * FORMER_CHECKOUT names a checkout of a real former version in its place, with its packages installed.
 */
export function formerVersion(former: string): FormerVersion {
  const { FORMER_CHECKOUT } = process.env;
  if (FORMER_CHECKOUT) return { folder: FORMER_CHECKOUT, remove() {} };
  const folder = mkdtempSync(join(tmpdir(), 'former-'));
  for (const name of ['src', 'schemas', 'test/faults', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  for (const name of ['node_modules', 'models']) symlinkSync(join(ROOT, name), join(folder, name));
  const history = join(folder, 'schemas/history');
  const [stem, version] = former.split(/(?<=\.v\d+)\./) as [string, string];
  renameSync(join(history, former), join(folder, 'schemas', `${stem}.avsc`));
  for (const name of readdirSync(history)) {
    if (name.startsWith(`${stem}.`) && name.slice(stem.length + 1) > version) rmSync(join(history, name));
  }
  mkdirSync(history, { recursive: true });
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
