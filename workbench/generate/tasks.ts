import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FatalError } from '../../src/common/errors.ts';

/** A crystal of the literature, with formal charges where these mean something. */
export type Prototype = {
  readonly name: string;
  /** Of what is no oxide: metal, sulphide, nitride and so on. */
  readonly kind?: string;
  readonly family: string;
  readonly spaceGroup: string;
  /** a b c in angstrom, alpha beta gamma in degrees */
  readonly cell: readonly number[];
  /** One row for each orbit: element, formal charge, fractional coordinates. */
  readonly sites: readonly (readonly [
    element: string,
    charge: number | null,
    x: number,
    y: number,
    z: number,
  ])[];
};

/** The lists of built-in crystals. */
export const CRYSTALS = {
  oxides: 'prototypes.json',
  'non-oxides': 'non-oxides.json',
  'copper-oxides': 'copper-oxides.json',
} as const;
export type Crystals = keyof typeof CRYSTALS;

/** One site to compute, and the question to Python that describes it. */
export type Task = {
  readonly id: string;
  readonly material: string;
  readonly family: string | null;
  readonly kind?: string;
  readonly element: string;
  /** Of a cell on disk: its name, and the number of the site in it, from 0. */
  readonly cell?: { readonly name: string; readonly site: number };
  readonly request: object;
};

export function readPrototypes(crystals: Crystals = 'oxides'): Prototype[] {
  const file = fileURLToPath(new URL(CRYSTALS[crystals], import.meta.url));
  return JSON.parse(readFileSync(file, 'utf8')) as Prototype[];
}

/**
 * Every site of the elements in the prototypes, in an order of which any beginning is a balanced sample: the elements
 * take turns, and so do, for each element, the families. Variant 0 is the crystal itself, others are strained and
 * rattled.
 */
export function prototypeTasks(
  prototypes: readonly Prototype[],
  elements: readonly string[],
  variants: readonly number[],
): Task[] {
  const ofElement = elements.map((element) =>
    variants.flatMap((variant) => {
      const families = new Map<string, Task[]>();
      for (const prototype of prototypes) {
        prototype.sites.forEach(([symbol], row) => {
          if (symbol !== element) return;
          const id = `${prototype.name}_${element}${row}_v${variant}`;
          const request = { ask: 'prototype', id, prototype, row, variant };
          const { name, family, kind } = prototype;
          const task = {
            id,
            material: name,
            family,
            ...(kind === undefined ? {} : { kind }),
            element,
            request,
          };
          families.set(family, [...(families.get(family) ?? []), task]);
        });
      }
      return takeTurns([...families.values()]);
    }),
  );
  return takeTurns(ofElement);
}

/** CIF and POSCAR files directly in a folder. */
export function structureFiles(folder: string): string[] {
  const files = readdirSync(folder)
    .filter((name) => /\.(cif|vasp|poscar)$/i.test(name) || /^(POSCAR|CONTCAR)/.test(name))
    .sort();
  if (files.length === 0) throw new FatalError(`Expected CIF or POSCAR files in ${folder}, got none`);
  return files.map((name) => join(folder, name));
}

/** @param sites one of each symmetry class, as Python lists them */
export function structureTasks(
  file: string,
  sites: readonly { readonly index: number; readonly element: string }[],
): Task[] {
  const material = basename(file).replace(/\.(cif|vasp|poscar)$/i, '');
  return sites.map(({ index, element }) => ({
    id: `${material}_${element}${index}`,
    material,
    family: null,
    element,
    request: { ask: 'structure', file, index },
  }));
}

/** A cell that CHGNet made, on disk, and the sites of it that are computed. */
export type Cell = {
  readonly name: string;
  readonly file: string;
  readonly material: string;
  readonly family: string;
  readonly sites: readonly { readonly index: number; readonly element: string }[];
};

/**
 * The sites of cells, in an order of which any beginning is a balanced sample: the cells take turns, and so do, for
 * each cell, the elements.
 */
export function cellTasks(cells: readonly Cell[], elements: readonly string[]): Task[] {
  return takeTurns(cells.map((cell) => takeTurns(elements.map((element) => tasksOfCell(cell, element)))));
}

function tasksOfCell({ name, file, material, family, sites }: Cell, element: string): Task[] {
  return sites
    .filter((site) => site.element === element)
    .map(({ index }) => ({
      id: `${name}_${element}${index}`,
      material,
      family,
      element,
      cell: { name, site: index },
      request: { ask: 'cell', file, index },
    }));
}

function takeTurns<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}
