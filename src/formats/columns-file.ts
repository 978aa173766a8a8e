import { createHash } from 'node:crypto';
import { capitalised } from '../capitalised.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import { type ColumnChoice, type ReadFile, scansOfColumns } from './columns.ts';
import { edgeNear } from './k-edges.ts';
import { type NumberTable, readNumberTable } from './number-table.ts';
import { columnsOf } from './xdi.ts';

/** What a file of plain columns cannot always say of itself. */
export type FileOptions = ColumnChoice & {
  readonly element?: string | undefined;
  readonly edge?: string | undefined;
};

/**
 * Reads a file of plain columns: comments, perhaps a line that names the columns, numbers. Element and edge are as the
 * options say, else as the comments do (`Element.symbol: Fe`, `Fe K-edge`, `E0 = 7112`).
 */
export function readColumnsFile(text: string, fileName: string, options: FileOptions): ReadFile | Reject {
  const bad = (reason: Reject['reason'], detail: string): Reject => reject(reason, `${fileName}: ${detail}`);
  const table = readNumberTable(text);
  if (typeof table === 'string') return bad('malformed-file', table);
  const columns = columnsOf(table);
  if (typeof columns === 'string') return bad('malformed-file', columns);
  const found = absorberOf(table);
  const element = options.element ?? found?.element;
  if (element === undefined) {
    return bad('malformed-file', 'Expected the file to name its absorber, got none: name it with --element');
  }
  const labels = {
    scanId: createHash('sha256').update(text).digest('hex').slice(0, 32),
    ...{ runId: fileName, sampleId: fileName, beamline: '' },
    element: capitalised(element),
    edge: capitalised(options.edge ?? found?.edge ?? 'K'),
    ...{ startedAtMs: 0, endedAtMs: 0 },
    metadata: { file: fileName },
  };
  const read = scansOfColumns(columns, labels, options, table.header.get('mono.d_spacing'), true);
  if (isReject(read)) return bad(read.reason, read.detail);
  const named = options.element === undefined ? [`the comments name ${labels.element} ${labels.edge}`] : [];
  return { candidates: read.candidates, notes: [...named, ...table.notes, ...read.notes] };
}

/** Absorber and edge that the comments name, if they do. */
export function absorberOf({
  header,
  comments,
}: Pick<NumberTable, 'header' | 'comments'>): { element: string; edge: string } | null {
  const element = header.get('element.symbol') ?? header.get('scanparameters.element');
  if (element)
    return { element, edge: header.get('element.edge') ?? header.get('scanparameters.edge') ?? 'K' };
  for (const comment of comments) {
    const named = /\b([A-Z][a-z]?)[\s_-]*([KL][123]?)[\s_-]*edge\b/i.exec(comment);
    if (named !== null) return { element: named[1]!, edge: named[2]! };
    const symbol = /(?<!diffraction\s)\belement\s*[:=]\s*([A-Za-z]{1,2})\b/i.exec(comment)?.[1];
    if (symbol !== undefined)
      return { element: symbol, edge: /\bedge\s*[:=]\s*([KL][123]?)\b/i.exec(comment)?.[1] ?? 'K' };
    const e0Ev = Number(/\bE(?:0|o|dge(?: energy)?)\s*[:=]\s*([\d.]+)/i.exec(comment)?.[1]);
    const near = edgeNear(e0Ev);
    if (near !== null) return { element: near, edge: 'K' };
  }
  return null;
}
