import { anchoredMean, halfBetween } from '../../../src/gating/anchored-mean.ts';
import type { MeasuredMeans } from '../../../src/gating/gate-table.ts';
import type { ReadStandard } from '../../../src/messages/standard.ts';
import { mean, median } from '../../report/statistics.ts';
import type { Reading } from './read-at-shifts.ts';
import { balancedQuantile, LEAST_SPAN, meanOf, rounded, type Series } from './series.ts';

/**
 * Of a reading between standards; of their distance in oxidation states, what all readings may be off by alike; and of
 * how far it lies beyond them, at which readings that lie beyond by a quarter of the distance or more are within their
 * intervals as often as is stated.
 */
const ANCHORED = { floor: 0.03, ofSpan: 0.1, ofBeyond: 0.7 } as const;

/** What readings between two of a series are off by, whichever two are taken for standards. */
export function fitAnchored(series: readonly Series[], offsetsEv: readonly number[]) {
  const read = series.map(({ name, readings }) => {
    const states = readings.map(({ known }) => known.meanOxidationState);
    const ends = [Math.min(...states), Math.max(...states)].map((end) => states.indexOf(end));
    const { element } = readings[0]!.known.scan;
    const byAny = readings.flatMap((_, low) =>
      readings.flatMap((_, high) => readBy(readings, low, high, offsetsEv)),
    );
    const betweenEnds = readBy(readings, ends[0]!, ends[1]!, offsetsEv).filter(isBetween);
    return {
      ...{ name, element, betweenEnds, betweenAny: byAny.filter(isBetween) },
      beyondAny: byAny.filter(({ beyond, span }) => beyond > FAR_BEYOND * span),
    };
  });
  const figuresOf = (own: typeof read): MeasuredMeans['anchored'] => {
    const factorOf = (some: typeof read) => {
      // As if none were read beyond its standards: that widens the interval, and makes no other narrower.
      const one = { ...ANCHORED, ofBeyond: 0, factor: { other: 1 } };
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
  const leftOut = read.map(({ name, element, betweenAny, betweenEnds, beyondAny }, k) => {
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
      beyond: beyondAny.length,
      coverageBeyond: holds(beyondAny),
    };
  });
  return { all: figuresOf(read), leftOut };
}

/** Readings that lie further beyond two standards, as a share of their distance, are counted by themselves. */
const FAR_BEYOND = 0.25;

const isBetween = ({
  truth,
  ends: [from, to],
}: {
  truth: number;
  ends: readonly [number, number];
}): boolean => truth >= from && truth <= to;

/** The scans of a series by two of them, these taken for standards; nothing where they are too alike. */
function readBy(readings: readonly Reading[], low: number, high: number, offsetsEv: readonly number[]) {
  const standards = [readings[low]!, readings[high]!];
  const ends = standards.map(({ known }) => known.meanOxidationState) as [number, number];
  if (ends[1] - ends[0] < LEAST_SPAN) return [];
  const anchors = standards.map(anchorOf);
  return readings.flatMap((each) => {
    if (standards.includes(each)) return [];
    const reading = anchoredMean(each.prepared.input, meanOf(each), anchors, offsetsEv);
    return reading === null ? [] : [{ ...reading, ends, truth: each.known.meanOxidationState }];
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
