import type { Site } from '../data/dataset.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { fixed } from '../report/number-formats.ts';
import { fitFeff10Shift } from './references.ts';

/**
 * Markdown: each FEFF10 spectrum laid upon the FEFF9 spectra of the same crystal, by the shift that brings them
 * together.
 */
export function feff10Scale(feff10: readonly Site[], feff9: readonly Site[]): string {
  const rows = feff10.flatMap((ten) =>
    feff9
      .filter((nine) => isSameCrystal(nine, ten))
      .map((nine) => {
        const fit = fitFeff10Shift([nine], [ten], 1);
        const figures = fit === null ? ['-', '-', '-'] : [fit.shiftEv, fit.sigmaEv, fixed(fit.error, 4)];
        return [ten.formula ?? ten.material, nine.id, ...figures];
      }),
  );
  return markdownTable(
    ['crystal', 'FEFF9', 'shift, eV', 'broadening of FEFF10, eV', 'mean square difference'],
    rows,
  );
}

/** Of the same formula, with the same established OS, CN, CN2 and PSGO. */
function isSameCrystal(one: Site, other: Site): boolean {
  const labels = ['OS', 'CN', 'CN2', 'PSGO'] as const;
  return (
    one.formula === other.formula &&
    labels.every((name) => {
      const label = one.labels[name];
      return label !== undefined && label === other.labels[name];
    })
  );
}
