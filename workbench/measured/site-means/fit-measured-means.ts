import { anchoredMean, halfBetween } from '../../../src/gating/anchored-mean.ts';
import type { MeasuredMeans } from '../../../src/gating/gate-table.ts';
import { changeOf } from '../../../src/gating/judge-means.ts';
import { edgePosition } from '../../../src/gating/rulers.ts';
import type { Prediction } from '../../../src/messages/prediction.ts';
import type { ElementReference, Prepared } from '../../../src/messages/prepared.ts';
import type { ReadStandard } from '../../../src/messages/standard.ts';
import type { Model } from '../../../src/model/load-model.ts';
import { predictScans } from '../../../src/offline.ts';
import { makePrepare } from '../../../src/spectra/prepare.ts';
import { conformalQuantile } from '../../calibration/conformal-quantile.ts';
import { seededRandom } from '../../data/random.ts';
import { mean, median } from '../../report/statistics.ts';
import type { KnownScan } from './known-scans.ts';

/** Shifts that are tried, eV beside the model's own. */
export const TRIED_EV: readonly number[] = Array.from({ length: 33 }, (_, i) => -8 + 0.5 * i);
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
/** What an element without standards enough is worth, in oxidation states; and what the best is. */
const DOMAIN = { unknown: 0.6, few: 0.3, least: 0.15, groups: 4 } as const;
const LEVEL = 0.9;
/** A series whose states lie closer says nothing of a slope. */
const LEAST_SPAN = 0.15;

/** One scan at every shift: what the network reads, null where it cannot be prepared. */
export type Reading = {
  readonly known: KnownScan;
  readonly means: readonly (number | null)[]; // [tried shifts]
  /** At the model's own shift. */
  readonly prepared: Prepared;
  readonly prediction: Prediction;
};

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

/** @param tried eV beside the model's own; 0 is among them */
export async function readAtShifts(
  model: Model,
  known: readonly KnownScan[],
  tried = TRIED_EV,
): Promise<Reading[]> {
  const { grid, references } = model.manifest;
  const prepares = tried.map((byEv) =>
    makePrepare({
      grid,
      references: references.map((reference) => {
        return { ...reference, meansShiftEv: (reference.meansShiftEv ?? 0) + byEv };
      }),
    }),
  );
  const readings: Reading[] = [];
  for (const each of known) {
    const items = tried.map((_, i) => ({ scan: each.scan, i }));
    const stages = {
      prepare: (scan: typeof each.scan, { i }: { readonly i: number }) => prepares[i]!(scan),
      predict: model.predict,
    };
    const means: (number | null)[] = [];
    let own: Pick<Reading, 'prepared' | 'prediction'> | null = null;
    for await (const answer of predictScans(stages, items)) {
      means.push(answer.reject === null ? (answer.prediction.siteMeans?.OS.mean ?? null) : null);
      if (answer.reject === null && tried[answer.i] === 0) own = answer;
    }
    if (own !== null)
      readings.push({ known: each, means, prepared: own.prepared, prediction: own.prediction });
  }
  return readings;
}

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
      sigmaEv: Math.max(groups.length < DOMAIN.groups ? FEW_SIGMA_EV : LEAST_SIGMA_EV, spread),
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

/** What measured scans tell of intervals: how far theory is off, how far an edge moves, what standards are worth. */
export function fitMeasuredMeans(
  readings: readonly Reading[],
  shifts: readonly ShiftFit[],
  offsetsEv: readonly number[],
) {
  const domain = Object.fromEntries(
    shifts.map(({ element, groups }) => {
      const rms = Math.sqrt(mean(groups.map(({ error }) => error ** 2)));
      const least =
        groups.length < 2 ? DOMAIN.unknown : groups.length < DOMAIN.groups ? DOMAIN.few : DOMAIN.least;
      return [element, rounded(Math.max(least, rms))];
    }),
  );
  const series = seriesIn(readings);
  const change = fitChange(series, offsetsEv);
  const anchored = fitAnchored(series, offsetsEv);
  const measured: MeasuredMeans = {
    domain: { ...domain, other: DOMAIN.unknown },
    change: change.all,
    anchored: anchored.all,
  };
  return { measured, change: change.leftOut, anchored: anchored.leftOut };
}

type Series = { readonly name: string; readonly readings: readonly Reading[] };

function seriesIn(readings: readonly Reading[]): Series[] {
  const names = [...new Set(readings.filter(({ known }) => known.isSeries).map(({ known }) => known.group))];
  return names
    .map((name) => ({ name, readings: readings.filter(({ known }) => known.group === name) }))
    .filter(({ readings: own }) => {
      const states = own.map(({ known }) => known.meanOxidationState);
      return own.length >= 3 && Math.max(...states) - Math.min(...states) >= LEAST_SPAN;
    });
}

/** So much of an error does not shrink with what it is an error of. */
const CHANGE_FLOOR = 0.1;
/** Of a reading between standards; of their distance in oxidation states, what all readings may be off by alike. */
const ANCHORED = { floor: 0.03, ofSpan: 0.1 } as const;

/** How far the edge moves for a unit of the state, and what its movement since a reference is off by. */
function fitChange(series: readonly Series[], offsetsEv: readonly number[]) {
  const points = series.map(({ name, readings }) => ({
    name,
    pairs: readings.flatMap((from, i) =>
      readings.flatMap((to, j) => {
        if (i === j) return [];
        const movedEv =
          edgePosition(to.prepared.input, offsetsEv) - edgePosition(from.prepared.input, offsetsEv);
        const readChange = meanOf(to) - meanOf(from);
        const change = to.known.meanOxidationState - from.known.meanOxidationState;
        return Number.isFinite(movedEv) ? [{ movedEv, readChange, change }] : [];
      }),
    ),
  }));
  const slopeOf = (own: typeof points): number =>
    median(
      own.map(({ pairs }) => {
        const square = pairs.reduce((sum, { change }) => sum + change * change, 0);
        return pairs.reduce((sum, { change, movedEv }) => sum + change * movedEv, 0) / square;
      }),
    );
  const figuresOf = (own: typeof points) => {
    const evPerUnit = slopeOf(own);
    const scores = own.map(({ pairs }) =>
      pairs.map(({ movedEv, readChange, change }) => {
        const read = changeOf(movedEv, readChange, { evPerUnit, floor: CHANGE_FLOOR, share: 0 });
        return Math.max(0, Math.abs(read - change) - CHANGE_FLOOR) / Math.max(Math.abs(read), 1e-6);
      }),
    );
    return { evPerUnit: rounded(evPerUnit), floor: CHANGE_FLOOR, share: rounded(balancedQuantile(scores)) };
  };
  const leftOut = points.map(({ name, pairs }, k) => {
    const { evPerUnit, floor, share } = figuresOf(points.filter((_, i) => i !== k));
    const read = pairs.map(({ movedEv, readChange }) =>
      changeOf(movedEv, readChange, { evPerUnit, floor, share }),
    );
    const held = pairs.filter(
      ({ change }, i) => Math.abs(read[i]! - change) <= floor + share * Math.abs(read[i]!),
    );
    const big = pairs.filter(({ change }) => Math.abs(change) >= LEAST_SPAN);
    return {
      name,
      pairs: pairs.length,
      slope: slopeOf([points[k]!]),
      rightSign:
        pairs.filter(({ change }, i) => Math.abs(change) >= LEAST_SPAN && change * read[i]! > 0).length /
        Math.max(1, big.length),
      error: mean(pairs.map(({ change }, i) => Math.abs(read[i]! - change))),
      coverage: held.length / pairs.length,
    };
  });
  return { all: figuresOf(points), leftOut };
}

/** What readings between two of a series are off by, whichever two are taken for standards. */
function fitAnchored(series: readonly Series[], offsetsEv: readonly number[]) {
  const read = series.map(({ name, readings }) => {
    const states = readings.map(({ known }) => known.meanOxidationState);
    const ends = [Math.min(...states), Math.max(...states)].map((end) => states.indexOf(end));
    const { element } = readings[0]!.known.scan;
    const betweenAny = readings.flatMap((_, low) =>
      readings.flatMap((_, high) => readBetween(readings, low, high, offsetsEv)),
    );
    return { name, element, betweenAny, betweenEnds: readBetween(readings, ends[0]!, ends[1]!, offsetsEv) };
  });
  const figuresOf = (own: typeof read): MeasuredMeans['anchored'] => {
    const factorOf = (some: typeof read) => {
      const one = { ...ANCHORED, factor: { other: 1 } };
      return rounded(
        balancedQuantile(
          some.map(({ element, betweenAny }) =>
            betweenAny.map((each) => Math.abs(each.value - each.truth) / halfBetween(each, element, one)),
          ),
        ),
      );
    };
    const other = factorOf(own);
    // An element whose own series are worse than all together has a factor of its own.
    const byElement = [...new Set(own.map(({ element }) => element))]
      .sort()
      .map((element) => [element, factorOf(own.filter((each) => each.element === element))] as const)
      .filter(([, factor]) => factor > other);
    return { ...ANCHORED, factor: { ...Object.fromEntries(byElement), other } };
  };
  const leftOut = read.map(({ name, element, betweenAny, betweenEnds }, k) => {
    const figures = figuresOf(read.filter((_, i) => i !== k));
    const holds = (some: typeof betweenAny) =>
      some.filter((each) => Math.abs(each.value - each.truth) <= halfBetween(each, element, figures)).length /
      Math.max(1, some.length);
    return {
      name,
      scans: betweenEnds.length,
      error: mean(betweenEnds.map(({ value, truth }) => Math.abs(value - truth))),
      half: median(betweenEnds.map((each) => halfBetween(each, element, figures))),
      coverage: holds(betweenEnds),
      readings: betweenAny.length,
      coverageOfAny: holds(betweenAny),
    };
  });
  return { all: figuresOf(read), leftOut };
}

/** What lies between two scans of a series, these taken for standards; nothing where they are too alike. */
function readBetween(readings: readonly Reading[], low: number, high: number, offsetsEv: readonly number[]) {
  const ends = [readings[low]!, readings[high]!];
  const [from, to] = ends.map(({ known }) => known.meanOxidationState) as [number, number];
  if (to - from < LEAST_SPAN) return [];
  const anchors = ends.map(anchorOf);
  return readings.flatMap((each) => {
    const truth = each.known.meanOxidationState;
    if (ends.includes(each) || truth < from || truth > to) return [];
    const reading = anchoredMean(each.prepared.input, meanOf(each), anchors, offsetsEv);
    return reading === null ? [] : [{ ...reading, truth }];
  });
}

const meanOf = ({ prediction }: Reading): number => prediction.siteMeans!.OS.mean;

function anchorOf({ known, prepared, prediction }: Reading): ReadStandard {
  const { scan, id, meanOxidationState } = known;
  const { element, edge } = scan;
  return {
    standard: {
      ...{ standardId: id, beamline: '', element, edge, validFromMs: 0, validUntilMs: null, scan },
      known: { kind: 'mean-oxidation-state', value: meanOxidationState, uncertainty: 0 },
    },
    prepared,
    prediction,
  };
}

/** The quantile at LEVEL in which every series has the same say, however many scans it has. */
function balancedQuantile(scores: readonly (readonly number[])[]): number {
  const size = 60;
  return conformalQuantile(
    scores.flatMap((own) => {
      const sorted = [...own].sort((a, b) => a - b);
      return sorted.length === 0
        ? []
        : Array.from({ length: size }, (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / size)]!);
    }),
    LEVEL,
  );
}

const rounded = (value: number): number => Number(value.toPrecision(3));
