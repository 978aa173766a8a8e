import { type Reject, reject } from '../messages/reject.ts';
import { NO_CHANNELS, type Scan } from '../messages/scan.ts';
import type { Column } from './column.ts';
import { withChambers } from './electrometers.ts';
import { sumOfRegions } from './fluorescence-regions.ts';

/** Which column is which, by name or by number from 1; what is not said is looked for by the usual names. */
export type ColumnChoice = {
  readonly energy?: string | undefined;
  readonly i0?: string | undefined;
  readonly it?: string | undefined;
  readonly if?: string | undefined;
  readonly mu?: string | undefined;
  readonly reference?: string | undefined;
};

/** What a file cannot always say of itself. */
export type FileOptions = ColumnChoice & {
  readonly element?: string | undefined;
  readonly edge?: string | undefined;
};

/** What a file says of a scan but its numbers. */
export type ScanLabels = Pick<
  Scan,
  'scanId' | 'runId' | 'sampleId' | 'beamline' | 'element' | 'edge' | 'startedAtMs' | 'endedAtMs' | 'metadata'
>;

/**
 * A file as the scans that it may mean, likeliest first: raw intensities before a mu that someone derived from them.
 */
export type ReadFile = { readonly candidates: readonly Scan[]; readonly notes: readonly string[] };

const NAMES = {
  energy: [
    ...[
      'energy',
      'e',
      'ee',
      'mono_energy',
      'monoenergy',
      'energy_ev',
      'bragg_energy',
      'ebraggenergy',
      'energia',
    ],
    ...['enc_energy', 'zapenergy', 'hhenergy', 'achieved_energy', 'energy_achieved', 'requested_energy'],
  ],
  i0: ['i0', 'io', 'imonitor', 'monitor', 'mon', 'i0_eh1', 'i_0', 'ion1'],
  it: ['itrans', 'it', 'i1', 'i_t', 'itransmission', 'i', 'ion2'],
  if: ['ifluor', 'if', 'ifl', 'iff', 'i_f', 'fluo', 'fluor', 'fluorescence', 'flatot'],
  iReference: ['irefer', 'iref', 'ir', 'i2', 'i_r', 'ion3'],
  muReference: ['murefer', 'muref', 'mu_ref', 'normrefer'],
  muSigma: ['mu_sigma'],
  mu: ['mutrans', 'mu', 'xmu', 'normtrans', 'mufluor', 'normfluor', 'norm', 'flat'],
} as const satisfies Record<string, readonly string[]>;

/** Longer names that begin or end with a usual one: `I0-32`, `PreKB-I0`, `Mono1_Energy_acs`, `xmu(trans)`. */
const LIKE: Readonly<Partial<Record<keyof typeof NAMES, RegExp>>> = {
  energy: /^(?:mono\d*_?)?energy(?:[_(-]|$)/,
  i0: /(?:^|[-_])i0(?:[-_]|$)/,
  it: /^i[1t][-_]/,
  if: /^if[-_]/,
  iReference: /^i(?:2|r|ref)[-_]/,
  mu: /^x?mu\(/,
};
/** Columns beside a channel that have its name in theirs. */
const BESIDE = /gain|offset|sensitivity|requested|dt_corr/;

/** The energies of columns, eV, [points]; a sentence where there are none. What was taken for what goes to `notes`. */
export function energiesOf(
  columns: readonly Column[],
  choice: ColumnChoice,
  dSpacing: string | undefined,
  notes: string[] = [],
): Float64Array | string | Reject {
  const found = findColumn(columns, 'energy', choice.energy);
  if (found !== null && 'kind' in found) return found;
  return energies(columns, found ?? undefined, dSpacing, notes);
}

/** The column of a role: the one that was chosen, by name or number, else by the usual names. */
function findColumn(
  columns: readonly Column[],
  key: keyof typeof NAMES,
  chosen?: string,
): Column | null | Reject {
  if (chosen === undefined) {
    for (const name of NAMES[key]) {
      const found = columns.find((column) => column.name === name);
      if (found !== undefined) return found;
    }
    return columns.find(({ name }) => LIKE[key]?.test(name) && !BESIDE.test(name)) ?? null;
  }
  const found = /^\d+$/.test(chosen)
    ? columns[Number(chosen) - 1]
    : columns.find(({ name }) => name === chosen.toLowerCase());
  return found ?? missing(`Expected a column ${chosen}, got ${listOf(columns)}`);
}

/**
 * The scans that columns of numbers may mean.
 * @param hasFoil whether what stands before the third chamber is a reference foil
 * @returns a reject that lists the columns where no scan can be made of them
 */
export function scansOfColumns(
  given: readonly Column[],
  labels: ScanLabels,
  choice: ColumnChoice,
  dSpacing: string | undefined,
  hasFoil: boolean,
): ReadFile | Reject {
  const { columns, notes: ofChambers } = withChambers(given);
  const notes = [...ofChambers];
  const channels: Partial<Record<keyof typeof NAMES, Column>> = {};
  for (const key of Object.keys(NAMES) as (keyof typeof NAMES)[]) {
    const chosen = key === 'iReference' ? choice.reference : choice[key as keyof ColumnChoice];
    const found = findColumn(columns, key, chosen);
    if (found !== null && 'kind' in found) return found;
    if (found !== null) channels[key] = found;
  }
  const energyEv = energies(columns, channels.energy, dSpacing, notes);
  if (typeof energyEv === 'string') return missing(energyEv);

  const regions = choice.if === undefined ? sumOfRegions(columns, labels.element) : null;
  if (regions !== null && channels.if === undefined) notes.push(`fluorescence is the sum of ${regions.of}`);
  const fluorescence = channels.if?.values ?? regions?.values ?? null;
  const i0 = channels.i0?.values ?? null;
  const it = channels.it?.values ?? null;
  const mu = channels.mu?.values ?? null;
  const base: Scan = {
    ...labels,
    ...NO_CHANNELS,
    mode: 'MU',
    energyEv,
    it: hasFoil ? it : null,
    muReference: hasFoil ? (channels.muReference?.values ?? null) : null,
    iReference: hasFoil ? (channels.iReference?.values ?? null) : null,
    muSigma: channels.muSigma?.values ?? null,
    sequence: 0,
    origin: 'REPLAY',
  };
  const candidates: Scan[] = [];
  if (i0 !== null && fluorescence !== null)
    candidates.push({ ...base, mode: 'FLUORESCENCE', i0, if: fluorescence });
  if (i0 !== null && it !== null) candidates.push({ ...base, mode: 'TRANSMISSION', i0, it });
  if (mu !== null) candidates.push({ ...base, mode: 'MU', mu });
  if (candidates.length === 0) {
    return missing(
      `Expected columns i0 and itrans, i0 and ifluor, mutrans or mufluor, got ${listOf(columns)}; ` +
        'name them with --energy, --i0, --it, --if or --mu',
    );
  }
  return { candidates: candidates.map(ascending), notes };
}

const missing = (detail: string): Reject => reject('missing-channel', detail);

/** Names of columns, or what number one has that has none. */
const listOf = (columns: readonly Column[]): string =>
  columns.map(({ name }, i) => name || `column ${i + 1}`).join(', ');

/** hc in eV times angstrom: E = hc / (2 d sin(angle)). */
const HC_EV_ANGSTROM = 12_398.419_84;
/** No edge lies below this many keV-like numbers in eV: an energy without a unit that stays below is in keV. */
const KEV_BELOW = 200;

function energies(
  columns: readonly Column[],
  energy: Column | undefined,
  dSpacing: string | undefined,
  notes: string[],
): Float64Array | string {
  if (energy !== undefined) {
    const { unit, values } = energy;
    if (unit === 'kev') return values.map((value) => 1000 * value);
    if (unit !== '' && unit !== 'ev')
      return `Expected unit of column ${energy.name} to be eV or keV, got ${unit}`;
    if (unit === '' && values.every((value) => !(value >= KEV_BELOW))) {
      notes.push('the energies are taken as keV');
      return values.map((value) => 1000 * value);
    }
    return values;
  }
  const angle = columns.find(({ name }) => ['angle', 'theta', 'bragg'].includes(name));
  if (angle === undefined)
    return `Expected a column energy or angle, got ${listOf(columns)}; name it with --energy`;
  const spacing = Number.parseFloat(dSpacing ?? '');
  if (!(spacing > 0)) {
    return `Expected header Mono.d_spacing (angstrom) for column angle, got ${dSpacing ?? 'none'}`;
  }
  const radians = /^rad/.test(angle.unit) ? 1 : Math.PI / 180;
  return angle.values.map((value) => HC_EV_ANGSTROM / (2 * spacing * Math.sin(value * radians)));
}

/** A scan that was recorded downwards, turned around. */
function ascending(scan: Scan): Scan {
  const { energyEv } = scan;
  if (energyEv.length < 2 || energyEv[0]! <= energyEv.at(-1)!) return scan;
  const turn = (values: Float64Array | null): Float64Array | null => values?.toReversed() ?? null;
  return {
    ...scan,
    energyEv: energyEv.toReversed(),
    mu: turn(scan.mu),
    i0: turn(scan.i0),
    it: turn(scan.it),
    if: turn(scan.if),
    muReference: turn(scan.muReference),
    iReference: turn(scan.iReference),
    muSigma: turn(scan.muSigma),
  };
}
