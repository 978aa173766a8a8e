import { describe, expect, test } from '@jest/globals';
import { openBundle } from '../../src/bundle/bundle.ts';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { readText } from './documents.ts';

const { manifest } = openBundle(modelFolder('spt'), { gate: 'optional' });
const { requiredFromEv, requiredToEv } = manifest.grid;

describe('documents say of the shipped model what its manifest says', () => {
  test.each(manifest.references)(
    'docs/publish.md has the energies that a scan of $element needs',
    (reference) => {
      const { element, referenceEv, shiftsEv } = reference;
      const [from, to] = [requiredFromEv, requiredToEv].map((offsetEv) =>
        (referenceEv + offsetEv - (shiftsEv.measured ?? 0)).toFixed(1),
      );
      expect(readText('docs/publish.md')).toContain(`| ${element} | ${from} to ${to} |`);
    },
  );

  test("docs/workbench/training.md has FEFF10's shifts, and how many spectra it learned", () => {
    const training = readText('docs/workbench/training.md');
    const shifts = ['Ti', 'V', 'Cr', 'Co', 'Ni'].map((element) =>
      manifest.references.find((each) => each.element === element)!.shiftsEv.feff10!.toFixed(1),
    );
    expect(training).toContain(`| ${shifts[0]} eV | ${shifts.slice(1).join(' | ')} |`);
    expect(training).toContain(`${manifest.training.spectra} of `);
  });

  test('docs/workbench/model-card.md has its cost', () => {
    const cost = (Number(manifest.training.flops) / 1e6).toFixed(2);
    const named = readText('docs/workbench/model-card.md').match(/[\d.]+(?= MFLOP)/g);
    expect(new Set(named)).toEqual(new Set([cost]));
  });
});
