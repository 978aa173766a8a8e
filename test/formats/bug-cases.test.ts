import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CalibratedBundle, openBundle } from '../../src/bundle/bundle.ts';
import { chooseSignal } from '../../src/files/choose-signal.ts';
import { readScanFile } from '../../src/formats/read-scan-file.ts';
import { makeGate } from '../../src/gating/gate.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import { isReject } from '../../src/messages/reject.ts';
import { loadModel, type Model } from '../../src/model/load-model.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';

// Small synthetic inputs with the faults that public files and bug reports have, and what is right for each.
const FOLDER = join(import.meta.dirname, 'bug-cases');

type Expected = {
  readonly element: string;
  /** By descriptor: the value that is accepted, or one that must not be. */
  readonly accepted?: Partial<Record<DescriptorName, number>>;
  readonly notAccepted?: Partial<Record<DescriptorName, number | 'any'>>;
  /** What the notes say. */
  readonly notes?: RegExp;
  readonly e0Ev?: number;
};

const IRON_OXIDE = { element: 'Fe', accepted: { OS: 2, CN: 6 } } as const;
const MANGANESE_OXIDE = { element: 'Mn', accepted: { OS: 4, CN: 6 } } as const;

const CASES: Record<string, Expected> = {
  'unused-fluorescence': {
    element: 'Fe',
    accepted: { OS: 2, CN: 6, OCN: 6 },
    notes: /fluorescence was left out/,
  },
  'dark-fluorescence-beside-mutrans': {
    element: 'Ni',
    accepted: { OS: 2, CN: 6 },
    notes: /fluorescence was left out/,
  },
  'fluorescence-beside-dark-transmission': {
    ...MANGANESE_OXIDE,
    notes: /sum of dtc1, dtc2/,
  },
  'quick-scan-jitter': { ...IRON_OXIDE, notes: /stepped back .* sorted, and \d+ points .* merged/ },
  'sweep-over-several-edges-Mn': { ...MANGANESE_OXIDE, notes: /another edge at 83\d\d eV/ },
  'symbol-in-small-letters': IRON_OXIDE,
  'symbol-in-capitals': IRON_OXIDE,
  'angle-in-radians': IRON_OXIDE,
  'column-number-left-out': IRON_OXIDE,
  'controller-step-scan': { element: 'Fe', accepted: { OS: 2 }, notes: /sum of fe_ka_mca1/ },
  'decimal-comma': { ...IRON_OXIDE, notes: /decimal commas/ },
  'one-zero-count-far-off': { ...IRON_OXIDE, notes: /left out/ },
  'semicolon-comments': IRON_OXIDE,
  permanganate: { element: 'Mn', notAccepted: { OS: 'any' } }, // +7 is no class
  oxynitride: { element: 'Ti', notAccepted: { OCN: 6 } }, // four of the six neighbours are oxygen
  'scale-low-VO2': { element: 'V', notAccepted: { OS: 3 } }, // +4 on energies that are 1.5 eV low
  'scale-low-V-foil': {
    element: 'V',
    notAccepted: { OS: 'any', CN: 'any', OCN: 'any' },
    notes: /this is no oxide/, // a computed metal, whose fine structure is strong
  },
  'two-point-glitch': { ...IRON_OXIDE, notes: /spike/, e0Ev: 7122 },
};

let bundle: CalibratedBundle;
let model: Model;
beforeAll(async () => {
  bundle = openBundle('models/spt');
  model = await loadModel(bundle, { engine: 'onnxruntime' });
});
afterAll(() => model.close());

test('every case stands here', () => {
  const files = readdirSync(FOLDER).map((file) => file.replace('.xdi', ''));
  expect(files.sort()).toEqual(Object.keys(CASES).sort());
});

test.each(Object.entries(CASES))('%s', async (name, expected) => {
  const read = readScanFile(readFileSync(join(FOLDER, `${name}.xdi`)), name);
  if (isReject(read)) throw new Error(read.detail);
  const prepared = chooseSignal(read.candidates, makePrepare(bundle.manifest), read.notes);
  if (isReject(prepared)) throw new Error(prepared.detail);
  const [prediction] = await model.predict([prepared.input]);
  const { descriptors } = makeGate(bundle.gate)(prepared, prediction!);
  const accepted = Object.fromEntries(
    descriptors.filter(({ verdict }) => verdict === 'ACCEPT').map((each) => [each.name, each.value]),
  );
  expect(prepared.input.element).toBe(expected.element);
  expect(accepted).toMatchObject(expected.accepted ?? {});
  for (const [descriptor, value] of Object.entries(expected.notAccepted ?? {})) {
    if (value === 'any') expect(accepted).not.toHaveProperty(descriptor);
    else expect(accepted[descriptor]).not.toBe(value);
  }
  // Where these files were put together of a computed part and a background, mu jumps, and is said to.
  const notes = prepared.notes.filter((note) => !note.startsWith('jump: '));
  expect(notes.join('; ')).toMatch(expected.notes ?? /^$/);
  if (expected.e0Ev !== undefined)
    expect(Math.abs(prepared.preparation.e0Ev - expected.e0Ev)).toBeLessThan(2);
});
