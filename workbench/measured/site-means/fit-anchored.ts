import { anchoredMean, halfBetween } from '../../../src/gating/anchored-mean.ts';
import type { MeasuredMeans } from '../../../src/gating/gate-table.ts';
import type { ReadStandard } from '../../../src/messages/standard.ts';
import { mean, median } from '../../report/statistics.ts';
import type { Reading } from './read-at-shifts.ts';
import { balancedQuantile, LEAST_SPAN, meanOf, rounded, type Series } from './series.ts';

/** Of a reading between standards; of their distance in oxidation states, what all readings may be off by alike. */
const ANCHORED = { floor: 0.03, ofSpan: 0.1 } as const;

/** What readings between two of a series are off by, whichever two are taken for standards. */
export function fitAnchored(series: readonly Series[], offsetsEv: readonly number[]) {
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
