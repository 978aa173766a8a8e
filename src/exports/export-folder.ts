import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FatalError } from '../common/errors.ts';
import type { ExportedScan, ExportFormat, PartWriter } from './exported-scan.ts';

/** What an export is of. A folder holds one: what differs in any of this belongs into another. */
export type ExportIdentity = {
  readonly format: string;
  readonly selection: Readonly<Record<string, string | number>>;
  /** Topics that are read, by name; `topicId` tells one that was made anew. */
  readonly topics: Readonly<Record<string, { readonly name: string; readonly topicId: string }>>;
};

export type ExportCounts = {
  readonly parts: number;
  readonly scans: number;
  /** Of these, dead letters. */
  readonly refused: number;
  /** Scans whose record is gone; of XDI and NeXus they are left out. */
  readonly withoutRecord: number;
};

export type ExportFolder = {
  counts(): ExportCounts;
  /** From where to read a partition on; undefined: nothing of it was read yet. */
  position(place: string): bigint | undefined;
  /** Adds a scan to the part that is being written, or begins one. */
  add(scan: ExportedScan): Promise<void>;
  /** A partition was read up to there. The part is finished when it is full. */
  reached(place: string, next: bigint): void;
  /** Finishes the part that is being written: all that was read up to here is kept. */
  finish(): void;
};

/** What is kept in the folder: what it is of, how far it is, and what is in it. */
const manifest = z.object({
  format: z.string(),
  selection: z.record(z.string(), z.union([z.string(), z.number()])),
  topics: z.record(z.string(), z.object({ name: z.string(), topicId: z.string() })),
  next: z.record(z.string(), z.string()),
  counts: z.object({ parts: z.int(), scans: z.int(), refused: z.int(), withoutRecord: z.int() }),
});
type Manifest = z.output<typeof manifest>;

const MANIFEST = 'export.json';
/** Ends the name of a part that is not whole. */
const UNFINISHED = '.unfinished';

/**
 * A folder of parts (files, or of XDI folders) with a manifest. A part is written aside and gets its name when it is
 * whole; then the manifest says how far was read. What is killed goes on behind the last whole part.
 * @throws FatalError where the folder holds another export, or something else
 */
export function exportFolder(folder: string, identity: ExportIdentity, format: ExportFormat): ExportFolder {
  const state = readManifest(folder, identity);
  const next = new Map(Object.entries(state.next));
  const counts = { ...state.counts };
  let part: { readonly writer: PartWriter; readonly path: string; scans: number } | null = null;
  mkdirSync(folder, { recursive: true });
  // A part that was finished is in the manifest, unless the process was killed between the two: then it is made again.
  for (const name of readdirSync(folder)) {
    const number = /^scans-(\d+)/.exec(name)?.[1];
    if (number !== undefined && (name.endsWith(UNFINISHED) || Number(number) > counts.parts))
      rmSync(join(folder, name), { recursive: true });
  }

  function save(): void {
    const { format: name, selection, topics } = identity;
    const text = JSON.stringify(
      { format: name, selection, topics, counts, next: Object.fromEntries(next) },
      null,
      2,
    );
    const path = join(folder, MANIFEST);
    writeFileSync(`${path}${UNFINISHED}`, `${text}\n`);
    renameSync(`${path}${UNFINISHED}`, path);
  }

  function finish(): void {
    if (part !== null) {
      part.writer.close();
      renameSync(`${part.path}${UNFINISHED}`, part.path);
      counts.parts += 1;
      part = null;
    }
    save();
  }

  save(); // so that a folder that cannot be written to is known at once
  return {
    counts: () => ({ ...counts }),
    position: (place) => {
      const at = next.get(place);
      return at === undefined ? undefined : BigInt(at);
    },
    async add(scan) {
      if (scan.raw === null) counts.withoutRecord += 1;
      if (scan.raw === null && format.needsRecord) return;
      if (part === null) {
        const path = join(folder, `scans-${String(counts.parts + 1).padStart(5, '0')}${format.extension}`);
        part = { writer: await format.open(`${path}${UNFINISHED}`), path, scans: 0 };
      }
      part.writer.add(scan);
      part.scans += 1;
      counts.scans += 1;
      if (scan.refused !== null) counts.refused += 1;
    },
    reached(place, offset) {
      next.set(place, String(offset));
      if (part !== null && part.scans >= format.scansPerPart) finish();
    },
    finish,
  };
}

function readManifest(folder: string, identity: ExportIdentity): Manifest {
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) {
    if (existsSync(folder) && readdirSync(folder).length > 0)
      throw new FatalError(`Expected --out to name a folder that is empty or holds an export, got ${folder}`);
    return {
      ...identity,
      next: {},
      counts: { parts: 0, scans: 0, refused: 0, withoutRecord: 0 },
    } as Manifest;
  }
  const parsed = manifest.safeParse(jsonOf(path));
  if (!parsed.success)
    throw new FatalError(`Expected ${path} as npm run export writes it, got something else`);
  const { format, selection, topics } = parsed.data;
  const before = { format, selection, topics };
  for (const key of ['format', 'selection', 'topics'] as const) {
    const [had, has] = [JSON.stringify(before[key]), JSON.stringify(identity[key])];
    if (had !== has)
      throw new FatalError(
        `Expected --out to hold an export of the same ${key}, ${has}, got one of ${had}: choose another folder`,
      );
  }
  return parsed.data;
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
