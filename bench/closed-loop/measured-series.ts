import { random } from '../../demo/replay/random.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import { isReject, type Reject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import type { KnownScan } from '../../workbench/measured/site-means/known-scans.ts';

/** A state and the scans that were measured at it, each over its edge step, on one axis for the series. */
type Level = { readonly state: number; readonly e0Ev: number; readonly scans: readonly Scan[] };

/** Measured samples of known mean oxidation states, between which a sample may lie. */
export type MeasuredSeries = {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Of the lowest state, on the scans' own scale. */
  readonly e0Ev: number;
  /** Scans of the lowest and of the highest state, which are in no mixture where there are others of that state. */
  readonly standards: readonly { readonly state: number; readonly scan: Scan }[];
  /**
   * Scan number `sequence` of a sample at a state: a mixture of two measured scans of the states around it, the same
   * two as long as it lies between these. `noise` is added to what was measured: the standard deviation of one point,
   * in edge steps.
   */
  scanAt(
    state: number,
    of: { readonly noise: number; readonly seed: number; readonly sequence: number },
  ): Scan;
};

/** So many states, this far apart, make a series that a sample can be led along. */
const LEAST_LEVELS = 4;
const LEAST_SPAN = 0.4;

/** @param prepare of the model; series are left out of which it prepares fewer than four states, or such as are near */
export function measuredSeries(
  known: readonly KnownScan[],
  prepare: (scan: Scan) => Prepared | Reject,
): MeasuredSeries[] {
  const names = [...new Set(known.filter(({ isSeries }) => isSeries).map(({ group }) => group))];
  return names.flatMap((name) => {
    const levels = levelsOf(
      known.filter(({ group }) => group === name),
      prepare,
    );
    const isLong = levels.length >= LEAST_LEVELS && levels.at(-1)!.state - levels[0]!.state >= LEAST_SPAN;
    return isLong ? [seriesOf(name, levels)] : [];
  });
}

function levelsOf(known: readonly KnownScan[], prepare: (scan: Scan) => Prepared | Reject): Level[] {
  const prepared = known.flatMap(({ meanOxidationState: state, scan }) => {
    const found = prepare(scan);
    return isReject(found) ? [] : [{ state, scan, ...found.preparation }];
  });
  const axis = axisOf(prepared.map(({ scan }) => scan));
  const levels = new Map<number, Level>();
  for (const { state, scan, edgeStep, e0Ev } of prepared) {
    const mu = onAxis(scan, axis).map((value) => value / edgeStep);
    const { scans } = levels.get(state) ?? { scans: [] };
    levels.set(state, { state, e0Ev, scans: [...scans, { ...scan, energyEv: axis, mu }] });
  }
  return [...levels.values()].sort((a, b) => a.state - b.state);
}

/** Energies of the first scan that all have. */
function axisOf(scans: readonly Scan[]): Float64Array {
  const least = Math.max(...scans.map(({ energyEv }) => energyEv[0]!));
  const most = Math.min(...scans.map(({ energyEv }) => energyEv.at(-1)!));
  return scans[0]?.energyEv.filter((energy) => energy >= least && energy <= most) ?? new Float64Array();
}

function onAxis({ energyEv, mu }: Scan, axis: Float64Array): Float64Array {
  let at = 1;
  return axis.map((energy) => {
    while (energyEv[at]! < energy) at += 1;
    const share = (energy - energyEv[at - 1]!) / (energyEv[at]! - energyEv[at - 1]!);
    return mu![at - 1]! + share * (mu![at]! - mu![at - 1]!);
  });
}

function seriesOf(name: string, levels: readonly Level[]): MeasuredSeries {
  const [lowest, highest] = [levels[0]!, levels.at(-1)!];
  const mixed = levels.map(({ scans, ...level }) => {
    const isEnd = level.state === lowest.state || level.state === highest.state;
    return { ...level, scans: isEnd && scans.length > 1 ? scans.slice(1) : scans };
  });
  return {
    name,
    low: lowest.state,
    high: highest.state,
    e0Ev: lowest.e0Ev,
    standards: [lowest, highest].map(({ state, scans }) => ({ state, scan: scans[0]! })),
    scanAt(state, { noise, seed, sequence }) {
      const above = mixed.findIndex((level, i) => i > 0 && level.state >= Math.min(state, highest.state));
      const [from, to] = [mixed[above - 1]!, mixed[above]!];
      const share = (state - from.state) / (to.state - from.state);
      const chance = random(seed, above, 79);
      const [first, second] = [from, to].map(
        ({ scans }) => scans[Math.floor(chance.uniform() * scans.length)]!,
      );
      const counts = random(seed, sequence, 81);
      const mu = first!.mu!.map(
        (value, i) => (1 - share) * value + share * second!.mu![i]! + noise * counts.normal(),
      );
      return { ...first!, mu };
    },
  };
}
