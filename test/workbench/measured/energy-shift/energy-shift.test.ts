import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { openBundle } from '../../../../src/bundle.ts';
import { run } from '../../../../workbench/commands/fit-energy-shift.ts';
import { energyShiftPage } from '../../../../workbench/measured/energy-shift/energy-shift-page.ts';
import { shiftCurves } from '../../../../workbench/measured/energy-shift/energy-shift-plot.ts';
import {
  type ElementFit,
  fitEnergyShifts,
  isOxideStandard,
  shiftedReferences,
} from '../../../../workbench/measured/energy-shift/fit-energy-shifts.ts';
import { countRight, leftOutCompounds } from '../../../../workbench/measured/energy-shift/left-out.ts';
import { SHIFTS_EV } from '../../../../workbench/measured/energy-shift/shift-surface.ts';
import { writeMeasured } from '../own-measured.ts';

const folder = mkdtempSync(join(tmpdir(), 'energy-shift-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bundle = openBundle('models/spt');
let fits: readonly ElementFit[];
beforeAll(async () => {
  const standards = writeMeasured(folder).filter(isOxideStandard);
  expect(standards.map(({ compound }) => compound)).toEqual(['CuO', 'Cu2O']);
  fits = await fitEnergyShifts(bundle, folder, standards, () => {});
}, 60_000);

test('the shift that the files were made with is found to an eV, and elements without standards keep theirs', () => {
  const { references } = bundle.manifest;
  const shifted = shiftedReferences(fits);
  const of = (list: typeof references, name: string) =>
    list.find(({ element }) => element === name)!.shiftsEv.measured;
  expect(Math.abs(of(shifted, 'Cu')! - of(references, 'Cu')!)).toBeLessThanOrEqual(1);
  expect(shifted.filter(({ element }) => element !== 'Cu')).toEqual(
    references.filter(({ element }) => element !== 'Cu'),
  );
});

test('each compound is read with the shift of the others', () => {
  const compounds = leftOutCompounds(fits);
  expect(compounds.map(({ compound }) => compound)).toEqual(['CuO', 'Cu2O']);
  for (const { others } of compounds) expect(SHIFTS_EV[others!]).toBeDefined();
  expect(countRight(compounds, 'OS')).toMatchObject({ compounds: 2, all: 2 });
  const alone = leftOutCompounds(fits.map((each) => ({ ...each, surfaces: each.surfaces.slice(0, 1) })));
  expect(alone.map(({ others }) => others)).toEqual([null]);
  expect(countRight(alone, 'OS').compounds).toBe(0);
});

test('the page and its curves', () => {
  const page = energyShiftPage(fits, 'spt-5');
  expect(page).toMatch(/^\| Cu \| -?[\d.]+ \| -?[\d.]+ to -?[\d.]+ \| [\d.]+ \| \d\.\d\d \| /m);
  expect(page).toContain(' | CuO, Cu2O; two standards: too few to judge |\n');
  expect(page).toMatch(/^\| Ti \| -?[\d.]+ \(not fitted\) \|/m);
  expect(page).toMatch(/^\| Cu \| CuO \| 2, 4 \| -?[\d.]+ \| .* \| 2, 1 of 1 right \|$/m);
  const curves = shiftCurves(fits);
  expect(new Set(curves.map(({ compound }) => compound))).toEqual(new Set(['CuO', 'Cu2O']));
  expect(Math.min(...curves.map(({ score }) => score))).toBeGreaterThan(-50);
});

test('--write puts the shift into the manifest and makes another model; without it nothing is touched', async () => {
  const model = join(folder, 'model');
  cpSync('models/spt', model, { recursive: true });
  jest.spyOn(console, 'log').mockReturnValue(undefined);
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const options = ['--data', folder, '--model', model, '--out', join(folder, 'docs')];
  await run(options);
  expect(openBundle(model).hash).toBe(bundle.hash);
  await run([...options, '--write']);
  jest.restoreAllMocks();
  expect(openBundle(model).manifest.references).toEqual(shiftedReferences(fits));
  expect(readFileSync(join(folder, 'docs/tables/energy-shift.md'), 'utf8')).toContain('# Energy shift');
}, 120_000);
