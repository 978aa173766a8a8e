import { createHash } from 'node:crypto';
import { type Reject, reject } from '../messages/reject.ts';
import type { Scan, ScanMode } from '../messages/scan.ts';

/**
 * Reads an XDI file (XAS Data Interchange 1.0; header lines `# Namespace.name: value`, then columns of numbers) as one
 * scan. Columns are found by name in any order and with the usual spellings, energies by their unit: eV, keV, or a
 * monochromator angle in degrees with `Mono.d_spacing`. A scan that was recorded downwards is turned around.
 * @returns the scan, or a reject whose detail names the file and, where there is one, the line
 */
export function readXdi(text: string, fileName: string): Scan | Reject {
  const file = parse(text);
  const bad = (reason: Reject['reason'], detail: string): Reject => reject(reason, `${fileName}: ${detail}`);
  if (typeof file === 'string') return bad('malformed-xdi', file);
  const { header, rows } = file;

  const element = header.get('element.symbol');
  const edge = header.get('element.edge');
  if (!element) return bad('malformed-xdi', 'Expected header Element.symbol, got none');
  if (!edge) return bad('malformed-xdi', 'Expected header Element.edge, got none');

  const columns = columnNames(header, file.legend);
  if (columns.length > rows[0]!.length) {
    return bad('malformed-xdi', `Expected ${columns.length} columns, got ${rows[0]!.length}`);
  }
  const column = (...names: readonly string[]): Float64Array | null => {
    const index = columns.findIndex(({ name }) => names.includes(name));
    return index < 0 ? null : Float64Array.from(rows, (row) => row[index]!);
  };
  const energyEv = energies(columns, column, header);
  if (typeof energyEv === 'string') return bad('missing-channel', energyEv);

  const i0 = column('i0', 'io', 'imonitor');
  const it = column('itrans', 'it', 'i1');
  const fluorescence = column('ifluor', 'if', 'ifl');
  const muTransmission = column('mutrans', 'mu', 'xmu', 'normtrans');
  const muFluorescence = column('mufluor', 'normfluor');
  const mode = chooseMode(i0, it, fluorescence, muTransmission ?? muFluorescence);
  if (mode === null) {
    const got = columns.map(({ name }) => name).join(', ');
    return bad(
      'missing-channel',
      `Expected columns i0 and itrans, i0 and ifluor, mutrans or mufluor, got ${got}`,
    );
  }

  // A third chamber is recorded even where nothing, or another compound, stands before it.
  const referenceSample = header.get('sample.reference') ?? header.get('reference.name') ?? 'foil';
  const hasFoil = /foil|metal/i.test(referenceSample);
  const startedAtMs = time(header.get('scan.start_time')) ?? 0;
  const scan: Scan = {
    scanId: createHash('sha256').update(text).digest('hex').slice(0, 32),
    runId: header.get('scan.run') ?? fileName,
    sampleId: header.get('sample.id') ?? header.get('sample.name') ?? fileName,
    beamline: header.get('beamline.name') ?? header.get('facility.name') ?? '',
    element,
    edge,
    mode,
    energyEv,
    mu: mode === 'MU' ? (muTransmission ?? muFluorescence) : null,
    i0: mode === 'MU' ? null : i0,
    it: mode === 'TRANSMISSION' || hasFoil ? it : null,
    if: mode === 'FLUORESCENCE' ? fluorescence : null,
    muReference: hasFoil ? column('murefer', 'muref', 'normrefer') : null,
    iReference: hasFoil ? column('irefer', 'iref', 'ir', 'i2') : null,
    muSigma: null,
    startedAtMs,
    endedAtMs: time(header.get('scan.end_time')) ?? startedAtMs,
    sequence: 0,
    origin: 'REPLAY',
    metadata: metadata(header, fileName),
  };
  const descends = energyEv.length > 1 && energyEv[0]! > energyEv.at(-1)!;
  return descends ? reversed(scan) : scan;
}

type XdiFile = {
  /** By lower-case `namespace.name`. */
  readonly header: ReadonlyMap<string, string>;
  /** The last comment before the numbers, which often repeats the column names. */
  readonly legend: string;
  readonly rows: readonly (readonly number[])[];
};

/** Header and numbers, or a sentence that names the line at fault. */
function parse(text: string): XdiFile | string {
  const lines = text.split(/\r\n|\r|\n/);
  if (!/^[#;%!\s]*XDI\//i.test(lines[0] ?? '')) {
    return `line 1: Expected a first line like "# XDI/1.0", got ${JSON.stringify((lines[0] ?? '').slice(0, 40))}`;
  }
  const header = new Map<string, string>();
  const rows: number[][] = [];
  let legend = '';
  for (const [i, line] of lines.entries()) {
    const content = line.trim();
    if (content === '') continue;
    if (content.startsWith('#')) {
      const comment = content.replace(/^#+\s*/, '');
      const field = /^([A-Za-z][\w-]*\.[\w.-]+)\s*:\s*(.*)$/.exec(comment);
      // The first wins: after the header some files repeat a key for each of several amplifiers.
      if (field !== null) {
        const key = field[1]!.toLowerCase();
        if (!header.has(key)) header.set(key, field[2]!.split('||')[0]!.trim());
      } else if (rows.length === 0 && /[A-Za-z]/.test(comment)) legend = comment;
      continue;
    }
    const words = content.split(/[\s,]+/);
    const row = words.map(Number);
    const width = rows[0]?.length ?? row.length;
    if (row.length !== width) return `line ${i + 1}: Expected ${width} numbers, got ${row.length}`;
    // "nan" is left to the spectra room, which names the channel; letters are a broken file.
    const unreadable = words.findIndex((word, k) => Number.isNaN(row[k]) && !/^[+-]?nan$/i.test(word));
    if (unreadable >= 0) {
      const word = JSON.stringify(words[unreadable]!.slice(0, 40));
      return `line ${i + 1}: Expected a number in column ${unreadable + 1}, got ${word}`;
    }
    rows.push(row);
  }
  if (rows.length === 0) return 'Expected lines of numbers after the header, got none';
  return { header, legend, rows };
}

type Column = { readonly name: string; readonly unit: string };

/** From `Column.N: name unit`, else from the last comment line. */
function columnNames(header: ReadonlyMap<string, string>, legend: string): readonly Column[] {
  const columns: Column[] = [];
  for (let i = 1; header.has(`column.${i}`); i += 1) {
    const [name = '', unit = ''] = header.get(`column.${i}`)!.toLowerCase().split(/\s+/);
    columns.push({ name, unit });
  }
  if (columns.length > 0) return columns;
  return legend
    .toLowerCase()
    .split(/[\s,]+/)
    .map((name) => ({ name, unit: '' }));
}

/** hc in eV times angstrom: E = hc / (2 d sin(angle)). */
const HC_EV_ANGSTROM = 12_398.419_84;

function energies(
  columns: readonly Column[],
  column: (...names: readonly string[]) => Float64Array | null,
  header: ReadonlyMap<string, string>,
): Float64Array | string {
  const energy = column('energy', 'e');
  if (energy !== null) {
    const unit = columns.find(({ name }) => name === 'energy' || name === 'e')!.unit;
    if (unit === '' || unit === 'ev') return energy;
    if (unit === 'kev') return energy.map((value) => 1000 * value);
    return `Expected unit of column energy to be eV or keV, got ${unit}`;
  }
  const angle = column('angle', 'theta');
  if (angle === null)
    return `Expected a column energy or angle, got ${columns.map(({ name }) => name).join(', ')}`;
  const spacing = Number.parseFloat(header.get('mono.d_spacing') ?? '');
  if (!(spacing > 0)) {
    return `Expected header Mono.d_spacing (angstrom) for column angle, got ${header.get('mono.d_spacing') ?? 'none'}`;
  }
  return angle.map((degrees) => HC_EV_ANGSTROM / (2 * spacing * Math.sin((degrees * Math.PI) / 180)));
}

/** Raw intensities come before a mu that someone derived from them. */
function chooseMode(
  i0: Float64Array | null,
  it: Float64Array | null,
  fluorescence: Float64Array | null,
  mu: Float64Array | null,
): ScanMode | null {
  if (i0 !== null && fluorescence !== null) return 'FLUORESCENCE';
  if (i0 !== null && it !== null) return 'TRANSMISSION';
  return mu === null ? null : 'MU';
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
  for (const key of ['sample.name', 'sample.formula', 'sample.temperature', 'energy.scale'] as const) {
    const value = header.get(key);
    if (value) kept[key] = value;
  }
  return kept;
}

function reversed(scan: Scan): Scan {
  const turn = (values: Float64Array | null): Float64Array | null =>
    values === null ? null : values.slice().reverse();
  return {
    ...scan,
    energyEv: scan.energyEv.slice().reverse(),
    mu: turn(scan.mu),
    i0: turn(scan.i0),
    it: turn(scan.it),
    if: turn(scan.if),
    muReference: turn(scan.muReference),
    iReference: turn(scan.iReference),
  };
}
