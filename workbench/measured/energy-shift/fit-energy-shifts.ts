import type { CalibratedBundle } from '../../../src/bundle.ts';
import type { ElementReference } from '../../../src/messages/prepared.ts';
import { isReject } from '../../../src/messages/reject.ts';
import { loadModel } from '../../../src/model/load-model.ts';
import { isDoubtful, readStandard, type Standard } from '../manifest.ts';
import { fitShift, type ShiftFit, type StandardScores } from './fit-shift.ts';
import { SHIFTS_EV, type ShiftSurface, shiftSurface } from './shift-surface.ts';

/** What the standards of an element say of its shift. */
export type ElementFit = {
  readonly reference: ElementReference;
  readonly surfaces: readonly ShiftSurface[];
  /** Of the shift alone: the stream broadens no scan. Null without standards. */
  readonly fit: ShiftFit | null;
};

/** Oxides whose oxidation state is in every textbook. */
export function isOxideStandard(standard: Standard): boolean {
  return standard.neighbour === 'O' && Number.isInteger(standard.oxidationState) && !isDoubtful(standard);
}

/**
 * Fits the shift of every element of the model.
 * @param folder that the standards' files are in
 * @param say what is being done, for people
 */
export async function fitEnergyShifts(
  bundle: CalibratedBundle,
  folder: string,
  standards: readonly Standard[],
  say: (progress: string) => void,
): Promise<ElementFit[]> {
  const model = await loadModel(bundle, { engine: 'auto' });
  const fits: ElementFit[] = [];
  for (const reference of bundle.manifest.references) {
    const own = standards.filter(({ element }) => element === reference.element);
    const surfaces: ShiftSurface[] = [];
    for (const [i, standard] of own.entries()) {
      const scan = readStandard(folder, standard);
      if (isReject(scan)) throw new Error(scan.detail);
      surfaces.push(await shiftSurface(bundle, model, reference, standard, scan));
      say(`\r${reference.element}: ${i + 1} of ${own.length} scans `);
    }
    if (own.length > 0) say('\n');
    const fit = surfaces.length === 0 ? null : fitShift(surfaces.map(unbroadened));
    fits.push({ reference, surfaces, fit });
  }
  await model.close();
  return fits;
}

/** The elements with the shifts that were found; one without standards keeps its own. */
export function shiftedReferences(fits: readonly ElementFit[]): ElementReference[] {
  return fits.map(({ reference, fit }) => {
    if (fit === null) return reference;
    return { ...reference, shiftsEv: { ...reference.shiftsEv, measured: SHIFTS_EV[fit.shift]! } };
  });
}

/** What a scan scores at every broadening. */
export function shiftScoresOf({ standard, scores }: ShiftSurface): StandardScores {
  return { compound: standard.compound, scores };
}

/** What it scores as it is. */
export function unbroadened({ standard, scores }: ShiftSurface): StandardScores {
  return { compound: standard.compound, scores: [scores[0]!] };
}

export function compoundsOf(surfaces: readonly ShiftSurface[]): string[] {
  return [...new Set(surfaces.map(({ standard }) => standard.compound))];
}
