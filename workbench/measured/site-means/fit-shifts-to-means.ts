import type { ElementReference } from '../../../src/messages/prepared.ts';
import { seededRandom } from '../../data/random.ts';
import { mean } from '../../report/statistics.ts';
import { type Reading, TRIED_EV } from './read-at-shifts.ts';

/** So far from none may a shift for means usually lie: what few standards leave open is not the end of the range. */
const USUAL_SHIFT_EV = 4;
/** What that counts beside one group, in oxidation states. */
const PRIOR = 0.3;
/** Drawn anew so often, with replacement, for the uncertainty of a shift. */
const DRAWS = 400;
/** No shift is known better, eV. */
const LEAST_SIGMA_EV = 0.3;
/** And none that rests on few groups. */
const FEW_SIGMA_EV = 1;

/** An element with fewer groups of standards has few. */
export const FEW_GROUPS = 4;

export type ShiftFit = {
  readonly element: string;
  /** eV beside the model's own. */
  readonly shiftEv: number;
  readonly sigmaEv: number;
  readonly groups: readonly {
    readonly group: string;
    readonly scans: number;
    /** Fitted on the others. */
    readonly othersEv: number;
    /** Mean error of the mean oxidation state with that, and mean of its size. */
    readonly bias: number;
    readonly error: number;
  }[];
};

/** The shift at which the mean over groups of the error of the mean oxidation state is least, with the usual prior. */
export function fitShiftsToMeans(
  readings: readonly Reading[],
  references: readonly ElementReference[],
): ShiftFit[] {
  const elements = [...new Set(readings.map(({ known }) => known.scan.element))].sort();
  return elements.map((element) => {
    const own = readings.filter(({ known }) => known.scan.element === element);
    const ownEv = references.find((each) => each.element === element)?.meansShiftEv ?? 0;
    const groups = [...new Set(own.map(({ known }) => known.group))];
    const scansOf = groups.map((group) => own.filter(({ known }) => known.group === group));
    /** Of each group, at each shift: the mean of what `of` makes of the errors of its scans. */
    const overScans = (of: (error: number) => number) =>
      scansOf.map((scans) =>
        TRIED_EV.map((_, i) =>
          mean(scans.map(({ known, means }) => of((means[i] ?? 0) - known.meanOxidationState))),
        ),
      );
    const curves = overScans(Math.abs);
    const biases = overScans((error) => error);
    const random = seededRandom(1);
    const draws = Array.from({ length: DRAWS }, () =>
      leastAt(
        curves.map(() => curves[Math.floor(random.uniform() * curves.length)]!),
        ownEv,
      ),
    );
    const middle = mean(draws);
    // A single group says nothing of how groups differ.
    const spread =
      groups.length < 2 ? USUAL_SHIFT_EV / 2 : Math.sqrt(mean(draws.map((draw) => (draw - middle) ** 2)));
    return {
      element,
      shiftEv: leastAt(curves, ownEv),
      sigmaEv: Math.max(groups.length < FEW_GROUPS ? FEW_SIGMA_EV : LEAST_SIGMA_EV, spread),
      groups: groups.map((group, k) => {
        const others =
          groups.length > 1
            ? leastAt(
                curves.filter((_, i) => i !== k),
                ownEv,
              )
            : 0;
        const at = TRIED_EV.indexOf(others);
        return {
          group,
          scans: scansOf[k]!.length,
          othersEv: others,
          bias: biases[k]![at]!,
          error: curves[k]![at]!,
        };
      }),
    };
  });
}

/** @param ownEv of the model's own shift, which those that are tried are counted from */
function leastAt(curves: readonly (readonly number[])[], ownEv: number): number {
  const costs = TRIED_EV.map(
    (shift, i) =>
      mean(curves.map((curve) => curve[i]!)) +
      (PRIOR / curves.length) * ((ownEv + shift) / USUAL_SHIFT_EV) ** 2,
  );
  return TRIED_EV[costs.indexOf(Math.min(...costs))]!;
}
