import { createHash } from 'node:crypto';
import { capitalised } from '../common/capitalised.ts';
import { edgeNear } from '../messages/edge-energies.ts';
import { type Reject, reject } from '../messages/reject.ts';
import { NO_CHANNELS, type Scan } from '../messages/scan.ts';
import type { ReadFile } from './columns.ts';

/** A group of an Athena project: its settings, and the arrays of mu(E) or of the channels that it was made of. */
type Group = {
  readonly args: Readonly<Record<string, unknown>>;
  readonly x: readonly unknown[];
  readonly y: readonly unknown[];
};

/** Athena writes text as `# Athena project file`, or JSON with the same line as a value. */
export const isAthena = (text: string): boolean => /Athena project file/.test(text.slice(0, 1000));

/** Kinds of groups that hold mu(E): those of chi(k), detectors and pixels are left alone. */
const OF_ENERGIES = /^(?:mu\(e\)|merged mu\(e\)|xmu|norm(?:alized)? mu\(e\)|)$/i;

/**
 * Reads an Athena project of either kind (Perl's dumped data, or JSON of Demeter with Larch), unzipped: one scan a
 * group of mu(E), as it was imported: neither normalised nor aligned, but with the group's own shift of the energies.
 * @param options.element, options.edge win over what the groups say
 * @returns a reject for a group that cannot be read; one alone where the project itself cannot
 */
export function readAthena(
  text: string,
  fileName: string,
  options: { readonly element?: string | undefined; readonly edge?: string | undefined } = {},
): readonly { readonly id: string; readonly read: ReadFile | Reject }[] {
  const bad = (detail: string): Reject => reject('malformed-file', `${fileName}: ${detail}`);
  let groups: Group[];
  try {
    groups = /^\s*\{/.test(text) ? jsonGroups(text) : perlGroups(text);
  } catch (error) {
    return [{ id: '', read: bad(`Expected an Athena project, got ${(error as Error).message}`) }];
  }
  const ofEnergies = groups.filter(isOfEnergies);
  if (ofEnergies.length === 0)
    return [{ id: '', read: bad('Expected an Athena project with groups of mu(E), got none') }];
  return ofEnergies.map((group, i) => {
    const id =
      textOf(group.args.label) ?? textOf(group.args.tag) ?? textOf(group.args.group) ?? `group ${i + 1}`;
    const read = scanOfGroup(group, { fileName, id, number: i, ...options });
    return { id, read: typeof read === 'string' ? bad(`group ${id}: ${read}`) : read };
  });
}

function isOfEnergies({ args, x, y }: Group): boolean {
  if (x.length === 0 || y.length === 0) return false;
  const flag = (name: string) => isTrue(args[name]);
  if (flag('is_chi') || flag('is_pixel') || flag('is_proc') || flag('not_data')) return false;
  const kind = textOf(args.recordtype) ?? textOf(args.datatype) ?? '';
  return (
    flag('is_xmu') ||
    flag('is_xanes') ||
    flag('is_nor') ||
    OF_ENERGIES.test(kind) ||
    /xmu|xanes|norm/i.test(kind)
  );
}

function scanOfGroup(
  { args, x, y }: Group,
  where: {
    readonly fileName: string;
    readonly id: string;
    readonly number: number;
    readonly element?: string | undefined;
    readonly edge?: string | undefined;
  },
): ReadFile | string {
  if (x.length !== y.length)
    return `Expected as many numbers of mu as energies, got ${y.length} and ${x.length}`;
  const notes: string[] = [];
  let energyEv = Float64Array.from(x, Number);
  const mu = Float64Array.from(y, Number);
  if (isTrue(args.is_kev)) energyEv = energyEv.map((value) => 1000 * value);
  const shiftEv = Number(args.bkg_eshift ?? 0);
  if (Number.isFinite(shiftEv) && shiftEv !== 0) {
    energyEv = energyEv.map((value) => value + shiftEv);
    notes.push(`the energies are moved by ${shiftEv} eV, as the project says`);
  }
  const found = absorberOf(args, where);
  if (found === null) return 'Expected the group to name its absorber, got none: name it with --element';
  if (found.note !== null) notes.push(found.note);
  const scan: Scan = {
    ...NO_CHANNELS,
    scanId: createHash('sha256')
      .update(JSON.stringify([where.fileName, where.id, x, y]))
      .digest('hex')
      .slice(0, 32),
    runId: where.fileName,
    sampleId: where.id,
    beamline: textOf(args.beamline) ?? '',
    element: capitalised(found.element),
    edge: capitalised(found.edge),
    mode: 'MU',
    energyEv,
    mu,
    startedAtMs: 0,
    endedAtMs: 0,
    sequence: where.number,
    origin: 'REPLAY',
    metadata: { file: where.fileName, group: where.id },
  };
  return { candidates: [scan], notes };
}

/** What the group names as its absorber, else whose edge its E0 is near. */
function absorberOf(
  args: Group['args'],
  { element, edge }: { readonly element?: string | undefined; readonly edge?: string | undefined },
): { readonly element: string; readonly edge: string; readonly note: string | null } | null {
  if (element !== undefined) return { element, edge: edge ?? 'K', note: null };
  const ownEdge = edge ?? textOf(args.fft_edge) ?? 'K';
  const e0Ev = Number(args.bkg_e0 ?? Number.NaN);
  const near = edgeNear(e0Ev);
  const named = textOf(args.bkg_z);
  // Athena writes H where nobody has said, and now and then a neighbour of the edge.
  const isNamed = named !== null && /^[A-Z][a-z]?$/i.test(named) && !/^h$/i.test(named);
  const isElsewhere =
    near !== null && near.edge === 'K' && /^k$/i.test(ownEdge) && near.element !== capitalised(named ?? '');
  if (isNamed && !isElsewhere) return { element: named, edge: ownEdge, note: null };
  if (near === null) return null;
  const note = `the absorber is ${near.element} ${near.edge}, by the group's E0 of ${e0Ev} eV`;
  return { element: near.element, edge: near.edge, note };
}

const isTrue = (value: unknown): boolean =>
  value !== undefined && value !== null && !['', '0', 'false'].includes(String(value));

/** A text that says something: Athena writes `@&^^null^^&@` and `None` where there is none. */
function textOf(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).trim();
  return text === '' || text === 'None' || /null\^\^/.test(text) ? null : text;
}

/** Demeter's JSON: an object a group, with the arrays beside `args`. */
function jsonGroups(text: string): Group[] {
  const json = JSON.parse(text) as Readonly<Record<string, { args?: unknown; x?: unknown; y?: unknown }>>;
  return Object.values(json).flatMap((group) => {
    if (typeof group !== 'object' || group === null || typeof group.args !== 'object') return [];
    const list = (value: unknown) => (Array.isArray(value) ? value : []);
    return [{ args: group.args as Group['args'], x: list(group.x), y: list(group.y) }];
  });
}

/**
 * The lines `@args = (...);`, `@x = (...);` and `@y = (...);` of each `[record]`, as Perl's Data::Dumper writes them.
 * They are read as data: nothing of the file is evaluated.
 */
function perlGroups(text: string): Group[] {
  const groups: Group[] = [];
  let lists = new Map<string, unknown[]>();
  const parts = /^(?:@(args|x|y)\s*=\s*\(|\[record\])/gm; // a text within a list may go over several lines
  for (let part = parts.exec(text); part !== null; part = parts.exec(text)) {
    const [, name] = part;
    if (name !== undefined) {
      const { items, end } = perlList(text, parts.lastIndex);
      lists.set(name, items);
      parts.lastIndex = end;
      continue;
    }
    const args = lists.get('args') ?? [];
    const pairs = Array.from({ length: Math.floor(args.length / 2) }, (_, i) => [
      args[2 * i],
      args[2 * i + 1],
    ]);
    groups.push({
      args: Object.fromEntries(pairs.map(([key, value]) => [String(key), value])),
      x: lists.get('x') ?? [],
      y: lists.get('y') ?? [],
    });
    lists = new Map();
  }
  return groups;
}

const PERL_ITEM =
  /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([+-]?[\w.+-]+)|(\[|\{)|(\]|\}))\s*(?:,|=>)?/y;

/** Items of a list from behind its parenthesis; lists within it count as one item, null. */
function perlList(text: string, from: number): { readonly items: unknown[]; readonly end: number } {
  const items: unknown[] = [];
  let depth = 0;
  PERL_ITEM.lastIndex = from;
  for (let at = from; ; at = PERL_ITEM.lastIndex) {
    const rest = /\s*\)/y;
    rest.lastIndex = at;
    if (depth === 0 && rest.test(text)) return { items, end: rest.lastIndex };
    PERL_ITEM.lastIndex = at;
    const item = PERL_ITEM.exec(text);
    if (item === null) throw new Error(`a list that is torn at ${JSON.stringify(text.slice(at, at + 20))}`);
    if (item[4] !== undefined) {
      if (depth === 0) items.push(null);
      depth += 1;
    } else if (item[5] !== undefined) depth -= 1;
    else if (depth === 0) items.push(item[1] ?? item[2] ?? item[3]);
    if (depth < 0) throw new Error('a list with a bracket too many');
  }
}
