import type { DescriptorOutput } from '../../../src/messages/prediction.ts';
import { compoundsOf, type ElementFit, unbroadened } from './fit-energy-shifts.ts';
import { fitShift } from './fit-shift.ts';
import type { ShiftSurface } from './shift-surface.ts';

/** A compound read with the shift that the other standards of its element give, and with the one that all give. */
export type LeftOutCompound = {
  readonly element: string;
  readonly compound: string;
  readonly oxidationState: number | null;
  readonly coordinationNumber: number | null;
  /** Index of the shift of the others; null where there is no other. */
  readonly others: number | null;
  /** Index of the shift of all. */
  readonly all: number;
  readonly surfaces: readonly ShiftSurface[];
};

/** Each compound left out in turn. */
export function leftOutCompounds(fits: readonly ElementFit[]): LeftOutCompound[] {
  return fits.flatMap(({ reference, surfaces, fit }) => {
    if (fit === null) return [];
    return compoundsOf(surfaces).map((compound): LeftOutCompound => {
      const own = surfaces.filter(({ standard }) => standard.compound === compound);
      const rest = surfaces.filter(({ standard }) => standard.compound !== compound);
      const { oxidationState, coordinationNumber } = own[0]!.standard;
      return {
        element: reference.element,
        ...{ compound, oxidationState, coordinationNumber },
        others: rest.length === 0 ? null : fitShift(rest.map(unbroadened)).shift,
        all: fit.shift,
        surfaces: own,
      };
    });
  });
}

export function truthOf(compound: LeftOutCompound, name: 'OS' | 'CN'): number | null {
  return name === 'OS' ? compound.oxidationState : compound.coordinationNumber;
}

/** What the unbroadened scans of a compound are read as at a shift; undefined where one cannot be prepared. */
export function readAs(
  { surfaces }: Pick<LeftOutCompound, 'surfaces'>,
  name: 'OS' | 'CN',
  shift: number,
): (number | undefined)[] {
  return surfaces.map(({ answers }) => likeliestClass(answers[0]![shift]?.outputs[name]));
}

/** Of compounds that have others beside them, and a textbook value: how many most scans of which are read right. */
export function countRight(
  compounds: readonly LeftOutCompound[],
  name: 'OS' | 'CN',
): { readonly compounds: number; readonly others: number; readonly all: number } {
  const counted = compounds.filter((each) => each.others !== null && truthOf(each, name) !== null);
  const right = (shiftOf: (each: LeftOutCompound) => number) =>
    counted.filter((each) => {
      const values = readAs(each, name, shiftOf(each));
      return values.filter((value) => value === truthOf(each, name)).length > values.length / 2;
    }).length;
  return { compounds: counted.length, others: right(({ others }) => others!), all: right(({ all }) => all) };
}

function likeliestClass(output: DescriptorOutput | undefined): number | undefined {
  if (output?.kind !== 'class') return undefined;
  return output.classes[output.probabilities.indexOf(Math.max(...output.probabilities))];
}
