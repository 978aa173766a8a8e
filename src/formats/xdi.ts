import { createHash } from 'node:crypto';
import { capitalised } from '../common/capitalised.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import type { Column } from './column.ts';
import { columnNames } from './column-names.ts';
import { type FileOptions, type ReadFile, scansOfColumns } from './columns.ts';
import { type NumberTable, readNumberTable } from './number-table.ts';

/** First line of an XDI file, whatever its comments begin with. */
const FIRST_LINE = /^\uFEFF?[#;%!\s]*XDI\//i;

export const isXdi = (text: string): boolean => FIRST_LINE.test(text.slice(0, 200));

/**
 * Reads an XDI file (XAS Data Interchange 1.0; header lines `# Namespace.name: value`, then columns of numbers) as the
 * scans that it may mean. Columns are found by name in any order and with the usual spellings, energies by their unit:
 * eV, keV, or a monochromator angle in degrees or radians with `Mono.d_spacing`. A scan that was recorded downwards is
 * turned around. Element and edge of the options win over those of the header.
 * @returns a reject whose detail names the file and, where there is one, the line
 */
export function readXdiFile(text: string, fileName: string, options: FileOptions = {}): ReadFile | Reject {
  const bad = (reason: Reject['reason'], detail: string): Reject => reject(reason, `${fileName}: ${detail}`);
  if (!isXdi(text)) {
    const line = text.split(/[\r\n]/, 1)[0]!.slice(0, 40);
    return bad(
      'malformed-xdi',
      `line 1: Expected a first line like "# XDI/1.0", got ${JSON.stringify(line)}`,
    );
  }
  const table = readNumberTable(text);
  if (typeof table === 'string') return bad('malformed-xdi', table);
  const { header } = table;
  const element = options.element ?? header.get('element.symbol') ?? header.get('scanparameters.element');
  const edge = options.edge ?? header.get('element.edge') ?? header.get('scanparameters.edge');
  if (!element)
    return bad('malformed-xdi', 'Expected header Element.symbol, got none: name it with --element');
  if (!edge && options.element === undefined)
    return bad('malformed-xdi', 'Expected header Element.edge, got none: name it with --edge');
  const columns = columnsOf(table);
  if (typeof columns === 'string') return bad('malformed-xdi', columns);

  // A third chamber is recorded even where nothing, or another compound, stands before it.
  const referenceSample = header.get('sample.reference') ?? header.get('reference.name') ?? 'foil';
  const startedAtMs = time(header.get('scan.start_time')) ?? 0;
  const labels = {
    scanId: createHash('sha256').update(text).digest('hex').slice(0, 32),
    runId: header.get('scan.run') ?? fileName,
    sampleId: header.get('sample.id') ?? header.get('sample.name') ?? fileName,
    beamline: header.get('beamline.name') ?? header.get('facility.name') ?? '',
    element: capitalised(element),
    edge: capitalised(edge ?? 'K'),
    startedAtMs,
    endedAtMs: time(header.get('scan.end_time')) ?? startedAtMs,
    metadata: metadata(header, fileName),
  };
  const read = scansOfColumns(
    columns,
    labels,
    options,
    header.get('mono.d_spacing'),
    /foil|metal/i.test(referenceSample),
  );
  if (isReject(read)) return bad(read.reason, read.detail);
  return { candidates: read.candidates, notes: [...table.notes, ...read.notes] };
}

/** The likeliest of the scans that an XDI file may mean. */
export function readXdi(text: string, fileName: string): Scan | Reject {
  const read = readXdiFile(text, fileName);
  return isReject(read) ? read : read.candidates[0]!;
}

/**
 * From `Column.N: name unit`, N being the number of the column, else from the last line of words before the numbers.
 */
export function columnsOf({ header, legend, rows }: NumberTable): readonly Column[] | string {
  const width = rows[0]!.length;
  const named = new Map<number, string>();
  for (const [key, text] of header) {
    const number = /^column\.(\d+)$/.exec(key)?.[1];
    if (number !== undefined) named.set(Number(number), text);
  }
  const most = Math.max(0, ...named.keys());
  if (most > width)
    return `Expected ${most} columns, got ${width}; is there a decimal comma, or a column without a number?`;
  const inLegend = named.size > 0 ? [] : columnNames(legend, width);
  if (typeof inLegend === 'string') return inLegend;
  return Array.from({ length: width }, (_, i): Column => {
    const [first = '', second = ''] = (named.get(i + 1) ?? '').toLowerCase().split(/\s+/);
    const { name, unit } = inLegend[i] ?? { name: first, unit: second };
    const values = Float64Array.from(rows, (row) => row[i]!);
    // A counter that was not connected is none, whatever its name.
    return { name: values.every(Number.isNaN) ? '' : name, unit, values };
  });
}

/** ISO time, with a space or a T between; without a zone it is taken as UTC. Null where it cannot be read. */
function time(value: string | undefined): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?/.exec(
    value ?? '',
  );
  if (match === null) return null;
  const ms = Date.parse(`${match[1]}T${match[2]}${match[3] ?? 'Z'}`);
  return Number.isNaN(ms) ? null : ms;
}

function metadata(header: ReadonlyMap<string, string>, fileName: string): Record<string, string> {
  const kept: Record<string, string> = { file: fileName };
  for (const key of [
    'sample.name',
    'sample.formula',
    'sample.temperature',
    'energy.scale',
    'energy.sigma',
  ] as const) {
    const value = header.get(key);
    if (value) kept[key] = value;
  }
  return kept;
}
