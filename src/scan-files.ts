import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FatalError } from './errors.ts';
import { readXdi } from './formats/xdi.ts';
import type { Reject } from './messages/reject.ts';
import type { Scan } from './messages/scan.ts';

/**
 * Files as they are named, and those of scans in folders, however deep, by name.
 * @throws FatalError that names a path where there is nothing
 */
export function scanFilesIn(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined)
      throw new FatalError(`Expected a file or a folder, got ${path}, which does not exist`);
    if (!found.isDirectory()) return [path];
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
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new FatalError(`Expected to read ${file}: ${(error as Error).message}`);
  }
  try {
    return readXdi(text, file);
  } catch (error) {
    return { kind: 'reject', reason: 'malformed-xdi', detail: (error as Error).message };
  }
}
