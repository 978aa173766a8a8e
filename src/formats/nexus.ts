import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { capitalised } from '../common/capitalised.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import type { Column } from './column.ts';
import { energiesOf, type FileOptions, type ReadFile, type ScanLabels, scansOfColumns } from './columns.ts';
import { type Absorber, findAbsorber, unnamedAbsorber } from './find-absorber.ts';
import { type Dataset, explainHdf5, type Group, type OpenHdf5, openHdf5 } from './hdf5.ts';
import { former, groupsOf, type Kind } from './nexus-groups.ts';

export type NexusOptions = FileOptions & {
  /** Group of the file whose datasets are the columns, where it is neither NXxas nor has a group `measurement`. */
  readonly path?: string | undefined;
};

export type NexusScan = { readonly id: string; readonly read: ReadFile | Reject };

/** Spectra of one stack are read one after the other, so many at most. */
const MOST_ROWS = 100_000;
/** Columns of a group are read together; links may lead to one dataset any number of times. */
const MOST_NUMBERS = 64_000_000;

/**
 * Scans of an HDF5 file, one after the other: groups of NXxas (the application definition of today, with `energy` and
 * `intensity` [energies] or [spectra, energies], or the former one, with `incoming_beam` and `absorbed_beam`); else the
 * groups `measurement` of BLISS; else groups with `energy` and `mu`; the group that `--path` names wins.
 * https://manual.nexusformat.org
 */
export async function* readNexus(
  path: string,
  fileName: string,
  options: NexusOptions = {},
): AsyncGenerator<NexusScan> {
  const bad = (detail: string): Reject => reject('malformed-file', `${fileName}: ${detail}`);
  let file: OpenHdf5;
  try {
    file = await openHdf5(path);
  } catch (error) {
    yield { id: '', read: bad(`Expected an HDF5 file, got ${explainHdf5(error)}`) };
    return;
  }
  try {
    const groups = findGroups(file, options.path, statSync(path).size);
    if (typeof groups === 'string') {
      yield { id: options.path ?? '', read: bad(groups) };
      return;
    }
    for (const { group, kind } of groups) {
      const id = group.path;
      try {
        for (const each of scansOf(group, kind, { fileName, ...options })) yield each;
      } catch (error) {
        // Such as a compression that needs a plug-in.
        const why = explainHdf5(error);
        const detail = /^Expected /.test(why) ? why : `Expected data that can be read, got ${why}`;
        yield { id, read: bad(`${id}: ${detail}`) };
      }
    }
  } finally {
    file.close();
  }
}

/** A file that is damaged where its groups are has none. */
function findGroups(file: OpenHdf5, path: string | undefined, bytes: number): ReturnType<typeof groupsOf> {
  try {
    return groupsOf(file, path, bytes);
  } catch (error) {
    return `Expected the groups of an HDF5 file, got ${explainHdf5(error)}`;
  }
}

type Where = NexusOptions & { readonly fileName: string };

function* scansOf(group: Group, kind: Kind, where: Where): Generator<NexusScan> {
  if (kind === 'columns') yield { id: group.path, read: scanOfColumnsGroup(group, where) };
  else if (kind === 'former-xas') {
    const { energy, incoming, absorbed } = former(group)!;
    const columns = [
      columnOf('energy', energy),
      columnOf('i0', incoming),
      columnOf(modeOf(group) === 'FLUORESCENCE' ? 'ifluor' : 'itrans', absorbed),
    ];
    yield { id: group.path, read: scanOf(columns, group, group.path, where) };
  } else yield* scansOfXas(group, where);
}

function* scansOfXas(group: Group, where: Where): Generator<NexusScan> {
  const energy = columnOf('energy', group.dataset('energy')!);
  const intensity = group.dataset('intensity')!;
  const mode = modeOf(group);
  const name = mode === 'FLUORESCENCE' ? 'mufluor' : 'mutrans';
  if (intensity.shape.length < 2) {
    const columns = [energy, columnOf(name, intensity), ...rawColumns(group, [energy.values.length])];
    yield { id: group.path, read: saidFirst(scanOf(columns, group, group.path, where), mode) };
    return;
  }
  const rows = Math.min(intensity.shape[0]!, MOST_ROWS);
  for (let row = 0; row < rows; row += 1) {
    const id = `${group.path}[${row}]`;
    const raw = rawColumns(group, [intensity.shape[0]!, energy.values.length], row);
    const columns = [energy, { name, unit: '', values: intensity.row(row) }, ...raw];
    yield { id, read: saidFirst(scanOf(columns, group, id, where), mode) };
  }
}

/** What the entry says it is comes before what else its channels can be read as. */
function saidFirst(read: ReadFile | Reject, mode: Scan['mode'] | null): ReadFile | Reject {
  if (isReject(read)) return read;
  const [said, others] = [true, false].map((is) =>
    read.candidates.filter((scan) => (scan.mode === mode) === is),
  );
  return { ...read, candidates: [...said!, ...others!] };
}

/**
 * Intensities and uncertainties beside a spectrum, under the names that columns have.
 * @param shape that those have which belong to the spectra
 * @param row of a stack
 */
function rawColumns(group: Group, shape: readonly number[], row?: number): Column[] {
  const raw: Column[] = [];
  const add = (name: string, found: Dataset | null) => {
    if (found === null || found.shape.length !== shape.length) return;
    if (!found.shape.every((length, i) => length === shape[i])) return;
    raw.push(row === undefined ? columnOf(name, found) : { name, unit: '', values: found.row(row) });
  };
  for (const name of ['i0', 'itrans', 'ifluor', 'irefer', 'murefer'])
    add(
      name,
      group.dataset(`instrument/${name}/data`) ?? group.dataset(`${name}/data`) ?? group.dataset(name),
    );
  add('mu_sigma', group.dataset('intensity_errors'));
  return raw;
}

function scanOfColumnsGroup(group: Group, where: Where): ReadFile | Reject {
  const datasets = group.datasets().filter(({ shape }) => shape.length === 1 && shape[0]! > 1);
  const lengths = new Map<number, number>();
  for (const { shape } of datasets) lengths.set(shape[0]!, (lengths.get(shape[0]!) ?? 0) + 1);
  // Counters that were not read at every point are shorter: the columns are those of the commonest length.
  const [length] = [...lengths].reduce((a, b) => (b[1] > a[1] ? b : a), [0, 0]);
  const alike = datasets.filter(({ shape }) => shape[0] === length);
  if (alike.length * length > MOST_NUMBERS)
    return reject(
      'malformed-file',
      `${where.fileName}: ${group.path}: Expected at most ${MOST_NUMBERS} numbers in the columns of a group, got ` +
        `${alike.length * length}`,
    );
  const columns = alike.map((dataset) => columnOf(dataset.name.toLowerCase(), dataset));
  if (columns.length === 0)
    return reject(
      'malformed-file',
      `${where.fileName}: ${group.path}: Expected datasets of one dimension, got none`,
    );
  return scanOf(columns, group.parent() ?? group, group.path, where);
}

/** As the options say, else as the entry does, else as its title or the names of the group and the file do. */
function absorberOf(
  columns: readonly Column[],
  group: Group,
  id: string,
  where: Where,
): (Absorber & { readonly note: string | null }) | Reject {
  const own =
    where.element ?? group.text('element/symbol') ?? group.text('element/name') ?? group.text('element');
  const edge = where.edge ?? group.text('edge/name') ?? group.text('edge') ?? undefined;
  if (own !== null && own !== undefined) return { element: own, edge: edge ?? 'K', note: null };
  const energyEv = energiesOf(columns, where, undefined);
  if (typeof energyEv === 'string') return reject('missing-channel', energyEv);
  if ('kind' in energyEv) return energyEv;
  const comments = ['title', 'name', 'sample/name'].flatMap((path) => group.text(path) ?? []);
  const found =
    findAbsorber({ header: new Map(), comments }, energyEv, id) ??
    findAbsorber({ header: new Map(), comments: [] }, energyEv, where.fileName);
  if (found === null) return reject('malformed-file', unnamedAbsorber(energyEv));
  return {
    element: found.element,
    edge: edge ?? found.edge,
    note: `${found.by} ${capitalised(found.element)} ${found.edge}`,
  };
}

const columnOf = (name: string, dataset: Dataset): Column => ({
  name,
  unit: (dataset.attribute('units') ?? '').toLowerCase(),
  values: dataset.numbers(),
});

/** How an entry says that it was measured (`TFY`, `Total Fluorescence Yield`, pynxxas has `fy`); null: it does not. */
function modeOf(group: Group): 'FLUORESCENCE' | 'TRANSMISSION' | null {
  const said = `${group.text('mode') ?? group.text('mode/name') ?? ''} ${group.text('definition') ?? ''}`;
  if (/fluo|fy\b|herfd/i.test(said)) return 'FLUORESCENCE';
  return /trans/i.test(said) ? 'TRANSMISSION' : null;
}

/** @param group the entry: it says what the columns are of */
function scanOf(columns: readonly Column[], group: Group, id: string, where: Where): ReadFile | Reject {
  const bad = (reason: Reject['reason'], detail: string): Reject =>
    reject(reason, `${where.fileName}: ${id}: ${detail}`);
  const length = columns[0]!.values.length;
  const other = columns.find(({ values }) => values.length !== length);
  if (other !== undefined)
    return bad('length-mismatch', `Expected ${length} numbers of ${other.name}, got ${other.values.length}`);
  const absorber = absorberOf(columns, group, id, where);
  if (isReject(absorber)) return bad(absorber.reason, absorber.detail);
  const { element, edge, note } = absorber;
  const hash = createHash('sha256').update(`${where.fileName}/${id}/`);
  for (const { values } of columns) hash.update(values);
  const scale = group.dataset('energy')?.attribute('scale');
  const startedAtMs = timeOf(group.text('start_time') ?? group.text('scan/start_time')) ?? 0;
  const labels: ScanLabels = {
    scanId: hash.digest('hex').slice(0, 32),
    runId: group.text('collection_identifier') ?? where.fileName,
    sampleId: group.text('sample/name') ?? group.text('title') ?? id,
    beamline: group.text('instrument/beamline/name') ?? group.text('instrument/name') ?? '',
    element: capitalised(element),
    edge: capitalised(edge),
    startedAtMs,
    endedAtMs: timeOf(group.text('end_time') ?? group.text('scan/end_time')) ?? startedAtMs,
    metadata: {
      ...{ file: where.fileName, group: id },
      ...(scale !== null && scale !== undefined && { 'energy.scale': scale }),
    },
  };
  const hasFoil = /foil|metal/i.test(group.text('reference') ?? '');
  const read = scansOfColumns(columns, labels, where, undefined, hasFoil);
  if (isReject(read)) return bad(read.reason, read.detail);
  return note === null ? read : { ...read, notes: [note, ...read.notes] };
}

/** ISO time; without a zone it is taken as UTC. */
function timeOf(text: string | null): number | null {
  if (text === null) return null;
  const ms = Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) || ms < 0 ? null : ms;
}
