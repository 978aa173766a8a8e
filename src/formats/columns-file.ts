import { createHash } from 'node:crypto';
import { capitalised } from '../common/capitalised.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import { energiesOf, type FileOptions, type ReadFile, scansOfColumns } from './columns.ts';
import { findAbsorber, unnamedAbsorber } from './find-absorber.ts';
import { type NumberTable, readNumberTable } from './number-table.ts';
import { columnsOf } from './xdi.ts';

/**
 * Reads a file of plain columns: comments, perhaps a line that names the columns, numbers. Element and edge are as the
 * options say, else as the comments do (`Element.symbol: Fe`, `Fe K-edge`, `E0 = 7112`), else as its name does.
 */
export const readColumnsFile = (text: string, fileName: string, options: FileOptions): ReadFile | Reject =>
  readTable(readNumberTable(text), text, fileName, options);

/**
 * Reads what a file's columns are, or says why they cannot be had.
 * @param table of the file; a sentence where there is none
 * @param content of the file, by which its scan is named
 */
export function readTable(
  table: NumberTable | string,
  content: string | Uint8Array,
  fileName: string,
  options: FileOptions,
): ReadFile | Reject {
  const bad = (reason: Reject['reason'], detail: string): Reject => reject(reason, `${fileName}: ${detail}`);
  if (typeof table === 'string') return bad('malformed-file', table);
  const columns = columnsOf(table);
  if (typeof columns === 'string') return bad('malformed-file', columns);
  const dSpacing = table.header.get('mono.d_spacing');
  const energyEv = energiesOf(columns, options, dSpacing);
  if (typeof energyEv === 'string') return bad('missing-channel', energyEv);
  if ('kind' in energyEv) return bad(energyEv.reason, energyEv.detail);
  const found = findAbsorber(table, energyEv, fileName);
  const element = options.element ?? found?.element;
  if (element === undefined) return bad('malformed-file', unnamedAbsorber(energyEv));
  const labels = {
    scanId: createHash('sha256').update(content).digest('hex').slice(0, 32),
    ...{ runId: fileName, sampleId: fileName, beamline: '' },
    element: capitalised(element),
    edge: capitalised(options.edge ?? found?.edge ?? 'K'),
    ...{ startedAtMs: 0, endedAtMs: 0 },
    metadata: { file: fileName },
  };
  const read = scansOfColumns(columns, labels, options, dSpacing, true);
  if (isReject(read)) return bad(read.reason, read.detail);
  const named = options.element === undefined ? [`${found!.by} ${labels.element} ${labels.edge}`] : [];
  return { candidates: read.candidates, notes: [...named, ...table.notes, ...read.notes] };
}
