import { writeSvg } from '../../report/plots/write-svg.ts';
import { mean } from '../../report/statistics.ts';
import { shortCompound } from '../textbook.ts';
import { compoundsOf, type ElementFit } from './fit-energy-shifts.ts';
import { SHIFTS_EV } from './shift-surface.ts';

/** Scores below are of scans that cannot be prepared. */
const LEAST_SCORE = -50;

/** How well each standard is read, against the energy shift. */
export async function drawEnergyShifts(fits: readonly ElementFit[], file: string): Promise<void> {
  await writeSvg(file, {
    title: 'How well each standard is read, against the energy shift',
    data: { values: shiftCurves(fits) },
    facet: { field: 'element', type: 'nominal', title: null },
    columns: 2,
    resolve: { scale: { color: 'independent' } },
    spec: {
      width: 240,
      height: 180,
      mark: { type: 'line', strokeWidth: 2 },
      encoding: {
        x: { field: 'shiftEv', type: 'quantitative', title: 'shift, eV' },
        y: { field: 'score', type: 'quantitative', title: 'log-likelihood' },
        color: { field: 'compound', type: 'nominal', title: null, legend: { orient: 'bottom', columns: 2 } },
      },
    },
  });
}

/** Mean score of the scans of each compound, as they are, at every shift. */
export function shiftCurves(
  fits: readonly ElementFit[],
): { element: string; compound: string; shiftEv: number; score: number }[] {
  const points = fits.flatMap(({ reference, surfaces }) =>
    compoundsOf(surfaces).flatMap((compound) => {
      const own = surfaces.filter(({ standard }) => standard.compound === compound);
      return SHIFTS_EV.map((shiftEv, shift) => ({
        element: reference.element,
        compound: shortCompound({ compound }),
        shiftEv,
        score: mean(own.map(({ scores }) => scores[0]![shift]!)),
      }));
    }),
  );
  return points.filter(({ score }) => score > LEAST_SCORE);
}
