import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FatalError } from '../common/errors.ts';
import { readAthena } from '../formats/athena.ts';
import type { FileOptions, ReadFile } from '../formats/columns.ts';
import { decodeText } from '../formats/decode-text.ts';
import { readJsonScan } from '../formats/json-scan.ts';
import { isZipped, kindOfFile } from '../formats/kind-of-file.ts';
import type { NexusOptions } from '../formats/nexus.ts';
import { readScanFile } from '../formats/read-scan-file.ts';
import { readSpecFile } from '../formats/spec-file.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import { type Hdf5Thread, hdf5Thread } from './hdf5-thread.ts';
import { linesOf } from './lines-of.ts';

/** What is known of files from elsewhere. */
export type ScanFileOptions = FileOptions &
  NexusOptions & {
    /** eV that are added to all energies. */
    readonly offsetEv?: number | undefined;
    /** Within which a scan of an HDF5 file must come, or its end; a large file may take longer. */
    readonly readSeconds?: number | undefined;
  };

/** A measurement of a file, by all the signals that it may be read from, likeliest first. */
export type FileScan = {
  readonly file: string;
  /** Which of the scans of its file: a group, the number of a scan, or how a line of JSON names itself. */
  readonly id?: string;
  /** The run that a line of JSON lines names, by `metadata.run` or `runId`. */
  readonly run?: string;
  readonly scan: Scan | Reject;
  readonly candidates: readonly Scan[];
  readonly notes: readonly string[];
};

/** Some programs number their files, `FeO.001`. */
const SCANS = /\.((xdi?|dat|csv|jsonl|prj|spec|xmu|nor|mu|fio|\d{3,4})(\.gz)?|h5|hdf5|hdf|nxs|nx)$/i;
/** So much of a file tells what it is. */
const HEAD_BYTES = 64 * 1024;
/** A file that is read whole may be so large, also when it is unzipped. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Files as they are named, and those of scans in folders, however deep, by name. Throws where there is none such. */
export function scanFilesIn(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined)
      throw new FatalError(`Expected a file or a folder, got ${path}, which does not exist`);
    if (!found.isDirectory()) return [path];
    return filesBelow(path, new Set());
  });
}

/** However deep, by name; a folder that links lead to twice is looked through once. */
function filesBelow(folder: string, seen: Set<string>): string[] {
  const real = realpathSync(folder);
  if (seen.has(real)) return [];
  seen.add(real);
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return filesBelow(path, seen);
      return SCANS.test(name) ? [path] : [];
    });
}

/**
 * One after the other, as they are asked for: a folder may hold thousands, and a file of several any number.
 * @param thread reads the HDF5 files and is not closed; by default one of their own, which is
 */
export async function* readScanFiles(
  files: readonly string[],
  options: ScanFileOptions = {},
  thread?: Hdf5Thread,
): AsyncGenerator<FileScan> {
  const { offsetEv = 0, readSeconds } = options;
  const hdf5 = thread ?? hdf5Thread(readSeconds);
  try {
    for (const file of files) {
      for await (const each of scansOfFile(file, options, hdf5))
        yield offsetEv === 0 ? each : moved(each, offsetEv);
    }
  } finally {
    if (thread === undefined) await hdf5.close();
  }
}

/** What ends in the middle of a file is a reject behind what was read of it. */
async function* scansOfFile(
  file: string,
  options: ScanFileOptions,
  hdf5: Hdf5Thread,
): AsyncGenerator<FileScan> {
  try {
    yield* readByKind(file, options, hdf5);
  } catch (error) {
    yield fileScan(file, '', unreadable(file, error));
  }
}

/** What a file is, is told by what is in it. */
async function* readByKind(
  file: string,
  options: ScanFileOptions,
  hdf5: Hdf5Thread,
): AsyncGenerator<FileScan> {
  const head = await headOf(file);
  if (isReject(head)) return yield fileScan(file, '', head);
  const kind = kindOfFile(file, head);
  const zipped = isZipped(head);
  if (kind === 'JSON lines') return yield* readJsonLines(file, linesOf(file, { zipped }));
  if (kind === 'HDF5') {
    for await (const { id, read } of hdf5.scansOf(file, options)) yield fileScan(file, id, read);
    return;
  }
  if (kind === 'SPEC') {
    for await (const { id, read } of readSpecFile(linesOf(file, { zipped }), file, options))
      yield fileScan(file, id, read);
    return;
  }
  const bytes = zipped ? unzipped(file) : bytesOf(file);
  if (!Buffer.isBuffer(bytes)) yield fileScan(file, '', bytes);
  else if (kind === 'Athena project')
    for (const { id, read } of readAthena(decodeText(bytes), file, options)) yield fileScan(file, id, read);
  else yield fileScan(file, '', readScanFile(bytes, file, options));
}

function fileScan(file: string, id: string, read: ReadFile | Reject): FileScan {
  const named = id === '' ? { file } : { file, id };
  if (isReject(read)) return { ...named, scan: read, candidates: [], notes: [] };
  return { ...named, scan: read.candidates[0]!, ...read };
}

/** A scan with its energies moved, and a note that says so. */
function moved(each: FileScan, offsetEv: number): FileScan {
  if (isReject(each.scan)) return each;
  const candidates = each.candidates.map((scan) => ({
    ...scan,
    energyEv: scan.energyEv.map((energy) => energy + offsetEv),
  }));
  const note = `the energies are moved by ${offsetEv} eV, as --offset says`;
  return { ...each, scan: candidates[0]!, candidates, notes: [note, ...each.notes] };
}

/** The first bytes of a file, which tell what it is; a reject where it cannot be read: the others of a folder can. */
export async function headOf(file: string): Promise<Buffer | Reject> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return unreadable(file, error);
  }
}

const unreadable = (file: string, error: unknown): Reject =>
  reject('malformed-file', `${file}: Expected a file that can be read, got ${(error as Error).message}`);

const tooLarge = (file: string, got: number | 'more'): Reject =>
  reject(
    'malformed-file',
    `${file}: Expected at most ${MOST_BYTES} bytes of a file that is read whole, got ${got}`,
  );

function unzipped(file: string): Buffer | Reject {
  try {
    return gunzipSync(readFileSync(file), { maxOutputLength: MOST_BYTES });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(file, 'more');
    return reject('malformed-file', `${file}: Expected a file that unzips, got ${message}`);
  }
}

async function* readJsonLines(file: string, lines: AsyncIterable<string>): AsyncGenerator<FileScan> {
  let number = 0;
  for await (const line of lines) {
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
    const { scanId, id } = JSON.parse(line) as { scanId?: unknown; id?: unknown };
    const name = scanId ?? id;
    return typeof name === 'string' || typeof name === 'number' ? String(name) : undefined;
  } catch {
    return undefined;
  }
}

function bytesOf(file: string): Buffer | Reject {
  try {
    const { size } = statSync(file);
    if (size > MOST_BYTES) return tooLarge(file, size);
    return readFileSync(file);
  } catch (error) {
    return unreadable(file, error);
  }
}
