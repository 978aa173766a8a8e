import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readXdi } from './formats/xdi.ts';
import type { Reject } from './messages/reject.ts';
import type { Scan } from './messages/scan.ts';

/** Files as they are named, and those of scans in folders, however deep, by name. */
export function scanFilesIn(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.xdi?$/i.test(name))
      .sort()
      .map((name) => join(path, name));
  });
}

/** One after the other, as they are asked for: a folder may hold thousands. */
export function* readScanFiles(
  files: readonly string[],
): Generator<{ readonly file: string; readonly scan: Scan | Reject }> {
  for (const file of files) yield { file, scan: readScanFile(file) };
}

function readScanFile(file: string): Scan | Reject {
  try {
    return readXdi(readFileSync(file, 'utf8'), file);
  } catch (error) {
    return { kind: 'reject', reason: 'malformed-xdi', detail: (error as Error).message };
  }
}
