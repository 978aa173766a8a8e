import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DESCRIPTOR_NAMES } from '../../../src/messages/descriptor-names.ts';
import { readLibraryFiles } from '../../../workbench/data/import-xas-data-library.ts';
import { LABELS, readLabelIndex, readLabels } from '../../../workbench/data/make-labels.ts';
import { kindOf } from '../../../workbench/measured/manifest.ts';

type Row = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly material: string;
  readonly element: string;
  readonly labels: Readonly<Record<string, number | null>>;
};

const files = readLabelIndex(LABELS).files.map((file) => ({ file, lines: readLabels(LABELS, file) }));
const rowsOf = (set: string) =>
  files
    .filter(({ file }) => file.file.startsWith(set))
    .flatMap(({ file, lines }) => lines.map((line) => ({ part: file.file, row: JSON.parse(line) as Row })));

describe('data/labels', () => {
  test('are of the files that the shipped model was trained with', () => {
    const { training } = JSON.parse(readFileSync('models/spt/manifest.json', 'utf8')) as {
      training: { files: { file: string; sha256: string; spectra: number }[] };
    };
    for (const { file, lines } of files) {
      expect(lines).toHaveLength(file.rows);
      expect(training.files).toContainEqual({ file: file.file, sha256: file.sha256, spectra: file.rows });
    }
    expect(files).toHaveLength(6);
  });

  test('hold no spectrum', () => {
    const all = files.flatMap(({ lines }) => lines);
    expect(all.filter((line) => /energyEv|"mu"|\[-?\d/.test(line) || line.length > 1000)).toEqual([]);
  });

  test.each([
    ['cu-feff9', 4749, ['Cu']],
    ['tm-feff9', 7046, ['Co', 'Cr', 'Ni', 'Ti', 'V']],
  ])('%s: each line names its site once, its checksum and known descriptors', (set, count, elements) => {
    const rows = rowsOf(set);
    expect(rows).toHaveLength(count);
    expect(new Set(rows.map(({ row }) => `${row.element} ${row.id}`)).size).toBe(count);
    expect([...new Set(rows.map(({ row }) => row.element))].sort()).toEqual(elements);
    const faulty = rows.filter(({ row: { id, material, edge, spectrum, labels } }) => {
      const known = Object.keys(labels).every((name) =>
        (DESCRIPTOR_NAMES as readonly string[]).includes(name),
      );
      return (
        !known || edge !== 'K' || !id.startsWith(`${material}_`) || !/^[0-9a-f]{8}$/.test(String(spectrum))
      );
    });
    expect(faulty).toEqual([]);
  });

  test.each(['cu-feff9', 'tm-feff9'])('%s: no material is in two parts', (set) => {
    const partOf = new Map<string, string>();
    for (const { part, row } of rowsOf(set)) partOf.set(row.material, part);
    expect(rowsOf(set).filter(({ part, row }) => partOf.get(row.material) !== part)).toEqual([]);
  });

  test('measured.json names each file of the library, its hash and a kind', () => {
    const measured = readLibraryFiles(`${LABELS}/measured.json`);
    expect(measured).toHaveLength(124);
    for (const each of measured) {
      expect(each.path).toBe(`data/${each.file}`);
      expect(each.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(kindOf(each)).toBeTruthy();
    }
    expect(new Set(measured.map(({ file }) => file)).size).toBe(124);
  });
});
