import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { FatalError } from '../../src/common/errors.ts';
import {
  DESCRIPTOR_NAMES,
  DESCRIPTORS,
  type DescriptorName,
  descriptorsOf,
} from '../../src/messages/descriptor-names.ts';
import type { ElementReference, EnergyGrid, ModelInput } from '../../src/messages/prepared.ts';
import { type Doubt, standingOf } from './copper-charge.ts';
import { madeBy } from './data-folders.ts';
import { seededRandom, shuffle } from './random.ts';

/** Three soft coordination numbers; `bondValence` counts oxygens alone, and is null without any. */
export type SoftCn = {
  readonly crystalNN: number;
  readonly econ: number;
  readonly bondValence: number | null;
};

/** One computed spectrum with what is known of its site. */
export type Site = {
  readonly id: string;
  readonly material: string;
  readonly formula?: string;
  /** What must stay on one side of a split: the family where there is one, else the material. */
  readonly group: string;
  /** Of what is no oxide: metal, sulphide, nitride and so on. */
  readonly kind?: string;
  readonly element: string;
  readonly edge: string;
  readonly scale: 'feff9' | 'feff10';
  readonly energyEv: Float64Array;
  readonly mu: Float64Array;
  /** Only labels that could be established. */
  readonly labels: Readonly<Partial<Record<DescriptorName, number>>>;
  /**
   * An OS label of copper that the charge balance of its formula does not establish: neither learned nor scored
   * (docs/workbench/data.md).
   */
  readonly doubtfulOs?: { readonly label: number; readonly why: Doubt };
  /** 1, or the confidence of a decoded label. */
  readonly weights: Readonly<Partial<Record<DescriptorName, number>>>;
  readonly decoded: boolean;
  readonly meanOxidationState: number | null;
  /** What takes the place of CN where it is ill-defined; of sites that the data engine labelled. */
  readonly softCn?: SoftCn;
};

/**
 * @param file JSON lines, gzipped if the name ends in .gz
 * @param check what more is asked of a site; `where` names file and line
 * @throws FatalError that names file, line and field. Whether a spectrum is of use is for preparation to say: null in
 * energyEv or mu, which is how JSON writes NaN, is read as NaN
 */
export function readSites(file: string, check: (site: Site, where: string) => void = () => {}): Site[] {
  let text: string;
  try {
    const bytes = readFileSync(file);
    text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw new FatalError(
      `Expected JSON lines, gzipped if the name ends in .gz, at ${file}: ${(error as Error).message}${madeBy(file)}`,
    );
  }
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const where = `${file}, line ${i + 1}`;
    const site = parseSite(line, where);
    check(site, where);
    return [site];
  });
}

const points = z.array(z.number().nullable());
const byDescriptor = (value: (name: DescriptorName) => z.ZodNumber) =>
  z.object(
    Object.fromEntries(DESCRIPTOR_NAMES.map((name) => [name, value(name).nullish()])) as Record<
      DescriptorName,
      z.ZodOptional<z.ZodNullable<z.ZodNumber>>
    >,
  );
const integer = z.number().refine(Number.isInteger, {
  error: ({ input }) => `Expected an integer, got ${input}`,
});
const share = z.number().refine((value) => value >= 0 && value <= 1, {
  error: ({ input }) => `Expected a number from 0 to 1, got ${input}`,
});
const siteSchema = z.object({
  id: z.string(),
  material: z.string(),
  formula: z.string().nullish(),
  family: z.string().nullish(),
  kind: z.string().nullish(),
  element: z.string(),
  edge: z.string(),
  source: z.string().nullish(),
  energyEv: points,
  mu: points,
  labels: byDescriptor((name) => (DESCRIPTORS[name].kind === 'class' ? integer : z.number())),
  labelSource: z.string().nullish(),
  confidence: byDescriptor(() => share).nullish(),
  meanOxidationState: z.number().nullish(),
  softCn: z.object({ crystalNN: z.number(), econ: z.number(), bondValence: z.number().nullable() }).nullish(),
});

function parseSite(line: string, where: string): Site {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new FatalError(`Expected one JSON object a line in ${where}: ${(error as Error).message}`);
  }
  const parsed = siteSchema.safeParse(value);
  if (!parsed.success) {
    throw wrongSite(where, explain(parsed.error));
  }
  const json = parsed.data;
  const labels: Partial<Record<DescriptorName, number>> = {};
  const weights: Partial<Record<DescriptorName, number>> = {};
  for (const name of descriptorsOf(json.element)) {
    const value = json.labels[name];
    if (value === null || value === undefined) continue;
    labels[name] = value;
    weights[name] = json.confidence?.[name] ?? 1;
  }
  const doubtfulOs = doubtOf(json, labels.OS, where);
  if (doubtfulOs !== null) {
    delete labels.OS;
    delete weights.OS;
  }
  return {
    id: json.id,
    material: json.material,
    group: json.family ?? json.material,
    ...(json.formula == null ? {} : { formula: json.formula }),
    ...(json.kind == null ? {} : { kind: json.kind }),
    element: json.element,
    edge: json.edge,
    scale: json.source?.startsWith('FEFF10') ? 'feff10' : 'feff9',
    energyEv: Float64Array.from(json.energyEv, (value) => value ?? Number.NaN),
    mu: Float64Array.from(json.mu, (value) => value ?? Number.NaN),
    labels,
    weights,
    ...(doubtfulOs === null ? {} : { doubtfulOs }),
    decoded: json.labelSource === 'decoded',
    meanOxidationState: json.meanOxidationState ?? null,
    ...(json.softCn == null ? {} : { softCn: json.softCn }),
  };
}

/** Null where the label is established, or there is no formula to establish it by. */
function doubtOf(
  { element, formula }: Pick<z.infer<typeof siteSchema>, 'element' | 'formula'>,
  label: number | undefined,
  where: string,
): NonNullable<Site['doubtfulOs']> | null {
  if (element !== 'Cu' || formula == null || label === undefined) return null;
  try {
    const why = standingOf(formula, label);
    return why === 'established' ? null : { label, why };
  } catch (error) {
    throw wrongSite(where, `formula: ${(error as Error).message}`);
  }
}

const wrongSite = (where: string, what: string): FatalError =>
  new FatalError(`Expected a labelled spectrum in ${where} (docs/workbench/training.md): ${what}`);

/** The first thing that is wrong, by field: the rest often follows from it. */
function explain({ issues }: z.ZodError): string {
  const [{ path, message }] = issues as [z.core.$ZodIssue];
  return `${path.length > 0 ? path.join('.') : 'the line'}: ${message}`;
}

export type Split<T> = {
  readonly train: readonly T[];
  readonly val: readonly T[];
  readonly test: readonly T[];
};

/** The parts together, in this order. */
export function everySite<T>({ train, val, test }: Split<T>): T[] {
  return [...train, ...val, ...test];
}

/** Elements that have spectra of so many groups, or more. */
export function elementsWithGroups(
  sites: Iterable<Pick<Site, 'element' | 'group'>>,
  least: number,
): string[] {
  const groups = new Map<string, Set<string>>();
  for (const { element, group } of sites) groups.set(element, (groups.get(element) ?? new Set()).add(group));
  return [...groups].filter(([, own]) => own.size >= least).map(([element]) => element);
}

/**
 * Splits by group, about 70:15:15 by spectra, never a group in two parts. Groups are shuffled by the seed; each goes to
 * the part that is furthest below its share, the largest group first to training.
 */
export function splitByGroup(sites: readonly Site[], seed: number): Split<Site> {
  const groups = new Map<string, Site[]>();
  for (const site of sites) groups.set(site.group, [...(groups.get(site.group) ?? []), site]);
  const order = shuffle([...groups.keys()].sort(), seededRandom(seed)).map((key) => groups.get(key)!);
  order.sort((a, b) => (b.length > sites.length / 8 ? 1 : 0) - (a.length > sites.length / 8 ? 1 : 0));

  const parts = { train: [] as Site[], val: [] as Site[], test: [] as Site[] };
  const share = { train: 0.7, val: 0.15, test: 0.15 };
  for (const group of order) {
    const missing = (part: keyof typeof parts) => share[part] - parts[part].length / sites.length;
    const part = (['train', 'val', 'test'] as const).reduce((a, b) => (missing(b) > missing(a) ? b : a));
    parts[part].push(...group);
  }
  return parts;
}

/** Energies of a site on the theory scale, relative to its element's reference. */
export function offsetsOf(site: Site, reference: ElementReference): Float64Array {
  const shift = (reference.shiftsEv[site.scale] ?? 0) - reference.referenceEv;
  return site.energyEv.map((energy) => energy + shift);
}

/**
 * mu at each bin by linear interpolation, inside the measured range only.
 * @returns mu [bins], 0 where not measured, and mask [bins]
 */
export function toGrid(
  offsetsEv: ArrayLike<number>,
  mu: ArrayLike<number>,
  bins: ArrayLike<number>,
): { mu: Float32Array; mask: Float32Array } {
  const out = { mu: new Float32Array(bins.length), mask: new Float32Array(bins.length) };
  const last = offsetsEv.length - 1;
  let j = 0;
  for (let i = 0; i < bins.length; i++) {
    const bin = bins[i]!;
    if (bin < offsetsEv[0]! || bin > offsetsEv[last]!) continue;
    while (j < last - 1 && offsetsEv[j + 1]! < bin) j++;
    const t = (bin - offsetsEv[j]!) / (offsetsEv[j + 1]! - offsetsEv[j]!);
    out.mu[i] = mu[j]! + t * (mu[j + 1]! - mu[j]!);
    out.mask[i] = 1;
  }
  return out;
}

/** The model's input for a computed spectrum, or null where it does not cover the required range. */
export function toInput(site: Site, reference: ElementReference, grid: EnergyGrid): ModelInput | null {
  const offsets = offsetsOf(site, reference);
  if (!covers(offsets, grid)) return null;
  return { element: site.element, edge: site.edge, ...toGrid(offsets, site.mu, grid.offsetsEv) };
}

export function covers(offsets: ArrayLike<number>, grid: EnergyGrid): boolean {
  return offsets[0]! <= grid.requiredFromEv && offsets[offsets.length - 1]! >= grid.requiredToEv;
}
