import { createHash } from 'node:crypto';
import { capitalised } from '../common/capitalised.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import type { Column } from './column.ts';
import { energiesOf, type FileOptions, type ReadFile, scansOfColumns } from './columns.ts';
import { findAbsorber, unnamedAbsorber } from './find-absorber.ts';

export type SpecScan = { readonly id: string; readonly read: ReadFile | Reject };

/** A SPEC file has scans, `#S 1 ascan …`, each with the names of its columns, `#L`. */
export const isSpec = (head: string): boolean => /^#S \d+ /m.test(head) && /^#(F|E|D|N|L) /m.test(head);

/** Lines of numbers of one scan, and of comments that are asked for its absorber. */
const MOST_ROWS = 1_000_000;
const MOST_COMMENTS = 10_000;

type Block = {
  readonly number: string;
  readonly command: string;
  readonly comments: string[];
  labels: string[];
  date: string | null;
  readonly rows: number[][];
  broken: number;
};

/**
 * Scans of a SPEC file (https://certif.com/spec_help/scans.html), line by line. Scans without a column of energies,
 * such as alignments, are left alone. Lines of an MCA, `@A`, are not read.
 * @param lines of the file, without their ends
 */
export async function* readSpecFile(
  lines: AsyncIterable<string> | Iterable<string>,
  fileName: string,
  options: FileOptions,
): AsyncGenerator<SpecScan> {
  const ofFile: string[] = [];
  let block: Block | null = null;
  let found = 0;
  let skipped = 0;
  let inSpectrum = false;
  for await (const line of lines) {
    const started = /^#S\s+(\S+)\s*(.*)$/.exec(line);
    if (started !== null) {
      if (block !== null) {
        const scan = scanOf(block, ofFile, fileName, options);
        if (scan === null) skipped += 1;
        else {
          found += 1;
          yield scan;
        }
      }
      block = {
        number: started[1]!,
        command: started[2]!.trim(),
        comments: [],
        labels: [],
        date: null,
        rows: [],
        broken: 0,
      };
    } else if (block === null) {
      if (line.startsWith('#') && ofFile.length < MOST_COMMENTS) ofFile.push(line.replace(/^#\w*\s*/, ''));
    } else inSpectrum = take(block, line, inSpectrum);
  }
  const last = block === null ? null : scanOf(block, ofFile, fileName, options);
  if (last !== null) yield last;
  else if (found === 0) {
    if (block !== null) skipped += 1;
    const detail = `${fileName}: Expected a scan with a column energy, got ${skipped} without; name it with --energy`;
    yield { id: '', read: reject('malformed-file', detail) };
  }
}

/** @returns whether the next line goes on with an MCA's spectrum */
function take(block: Block, line: string, inSpectrum: boolean): boolean {
  if (inSpectrum || line.startsWith('@')) return line.endsWith('\\');
  if (line.startsWith('#L '))
    block.labels = line
      .slice(3)
      .trim()
      .split(/\s{2,}|\t/);
  else if (line.startsWith('#D ')) block.date ??= line.slice(3).trim();
  else if (line.startsWith('#')) {
    if (block.comments.length < MOST_COMMENTS) block.comments.push(line.replace(/^#\w*\s*/, ''));
  } else if (line.trim() !== '' && block.rows.length <= MOST_ROWS) {
    const row = line.trim().split(/\s+/).map(Number);
    if (row.length === block.labels.length) block.rows.push(row);
    else block.broken += 1;
  }
  return false;
}

/** Null: a scan of something else than energies. */
function scanOf(
  block: Block,
  ofFile: readonly string[],
  fileName: string,
  options: FileOptions,
): SpecScan | null {
  const id = `scan ${block.number}`;
  const bad = (reason: Reject['reason'], detail: string): Reject =>
    reject(reason, `${fileName}: ${id}: ${detail}`);
  // Names have single spaces in them; in others' files they have lines below.
  const columns = block.labels.map(
    (label, i): Column => ({
      name: label.toLowerCase().replaceAll(' ', '_'),
      unit: '',
      values: Float64Array.from(block.rows, (row) => row[i]!),
    }),
  );
  if (options.energy === undefined && !columns.some(({ name }) => /energy|^e$/.test(name))) return null;
  if (block.rows.length === 0)
    return { id, read: bad('malformed-file', 'Expected lines of numbers, got none') };
  if (block.rows.length > MOST_ROWS)
    return { id, read: bad('too-many-points', `Expected at most ${MOST_ROWS} lines of numbers, got more`) };
  const energy = options.energy ?? columns.find(({ name }) => /energy/.test(name))?.name;
  const chosen = { ...options, energy };
  const energyEv = energiesOf(columns, chosen, undefined);
  if (typeof energyEv === 'string') return { id, read: bad('missing-channel', energyEv) };
  if ('kind' in energyEv) return { id, read: bad(energyEv.reason, energyEv.detail) };
  const comments = [block.command, ...block.comments, ...ofFile];
  const own = findAbsorber({ header: new Map(), comments }, energyEv, fileName);
  const element = options.element ?? own?.element;
  if (element === undefined) return { id, read: bad('malformed-file', unnamedAbsorber(energyEv)) };
  const startedAtMs = Math.max(0, Date.parse(`${block.date ?? ''} UTC`) || 0);
  const labels = {
    scanId: createHash('sha256')
      .update(JSON.stringify([fileName, id, block.rows]))
      .digest('hex')
      .slice(0, 32),
    ...{ runId: fileName, sampleId: fileName, beamline: '' },
    element: capitalised(element),
    edge: capitalised(options.edge ?? own?.edge ?? 'K'),
    ...{ startedAtMs, endedAtMs: startedAtMs },
    metadata: { file: fileName, scan: block.number, command: block.command },
  };
  const read = scansOfColumns(columns, labels, chosen, undefined, true);
  if (isReject(read)) return { id, read: bad(read.reason, read.detail) };
  const torn = block.broken > 0 ? [`${block.broken} lines are broken off and left out`] : [];
  return { id, read: { ...read, notes: [...torn, ...read.notes] } };
}
