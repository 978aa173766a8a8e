import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FatalError } from './errors.ts';
import type { FileOptions } from './formats/columns-file.ts';
import { readJsonScan } from './formats/json-scan.ts';
import { readScanFile } from './formats/read-scan-file.ts';
import { isReject, type Reject } from './messages/reject.ts';
import type { Scan } from './messages/scan.ts';

/** A measurement of a file, by all the signals that it may be read from, likeliest first. */
export type FileScan = {
  readonly file: string;
  /** Of a line of JSON lines that names itself. */
  readonly id?: string;
  /** The run that a line of JSON lines names, by `metadata.run` or `runId`. */
  readonly run?: string;
  readonly scan: Scan | Reject;
  readonly candidates: readonly Scan[];
  readonly notes: readonly string[];
};

const SCANS = /\.(xdi?|dat|csv|jsonl)$/i;
const JSON_LINES = /\.jsonl$/i;

/** Files as they are named, and those of scans in folders, however deep, by name. Throws where there is none such. */
export function scanFilesIn(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined)
      throw new FatalError(`Expected a file or a folder, got ${path}, which does not exist`);
    if (!found.isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => SCANS.test(name))
      .sort()
      .map((name) => join(path, name));
  });
}

/** One after the other, as they are asked for: a folder may hold thousands, and a file of JSON lines any number. */
export async function* readScanFiles(
  files: readonly string[],
  options: FileOptions = {},
): AsyncGenerator<FileScan> {
  for (const file of files) {
    if (JSON_LINES.test(file)) yield* readJsonLines(file);
    else yield scanOfFile(file, options);
  }
}

function scanOfFile(file: string, options: FileOptions): FileScan {
  const read = readScanFile(bytesOf(file), file, options);
  if (isReject(read)) return { file, scan: read, candidates: [], notes: [] };
  return { file, scan: read.candidates[0]!, ...read };
}

async function* readJsonLines(file: string): AsyncGenerator<FileScan> {
  let number = 0;
  for await (const line of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number += 1;
    if (line.trim() === '') continue;
    const where = `${file}: line ${number}`;
    const scan = readJsonScan(line, where);
    const id = isReject(scan) ? idOf(line) : scan.scanId;
    const named = id === undefined ? {} : { id };
    // A line without a run is given its own place as one.
    const run = isReject(scan)
      ? undefined
      : (scan.metadata.run ?? (scan.runId === where ? undefined : scan.runId));
    yield {
      file,
      ...named,
      ...(run !== undefined && { run }),
      scan,
      candidates: isReject(scan) ? [] : [scan],
      notes: [],
    };
  }
}

/** The id of a line that is no scan, so that its reject can be told from others. */
function idOf(line: string): string | undefined {
  try {
    const { id } = JSON.parse(line) as { id?: unknown };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new FatalError(`Expected to read ${file}: ${(error as Error).message}`);
  }
}
