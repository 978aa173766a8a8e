import { readFileSync } from 'node:fs';

/** Co K-edge spectra of Li_xCoO2 on one axis, ready to be mixed. */
export type CathodeSeries = {
  readonly energyEv: Float64Array; // [points], the part that every site covers
  /** By oxidation state of the site, ordered by lithium; spectra of the sites at one x are averaged. */
  readonly states: readonly { readonly oxidationState: number; readonly points: readonly SeriesPoint[] }[];
};

type SeriesPoint = { readonly lithium: number; readonly mu: Float64Array };

type SiteLine = {
  readonly lithium: number;
  readonly energyEv: readonly number[];
  readonly mu: readonly number[];
  readonly labels: { readonly OS: number };
};

const STEP_EV = 0.25;

/** Reads data/li-x-coo2/series.jsonl: one site a line, energies in eV on FEFF10's scale. */
export function readCathodeSeries(
  file: URL = new URL('../../data/li-x-coo2/series.jsonl', import.meta.url),
): CathodeSeries {
  const sites = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SiteLine);
  const fromEv = Math.max(...sites.map((site) => site.energyEv[0]!));
  const toEv = Math.min(...sites.map((site) => site.energyEv.at(-1)!));
  const points = Math.floor((toEv - fromEv) / STEP_EV) + 1;
  const energyEv = Float64Array.from({ length: points }, (_, i) => fromEv + i * STEP_EV);
  const states = [...new Set(sites.map((site) => site.labels.OS))].sort().map((oxidationState) => {
    const ofState = sites.filter((site) => site.labels.OS === oxidationState);
    const lithiums = [...new Set(ofState.map((site) => site.lithium))].sort((a, b) => a - b);
    return {
      oxidationState,
      points: lithiums.map((lithium) => ({
        lithium,
        mu: average(
          ofState
            .filter((site) => site.lithium === lithium)
            .map((site) => energyEv.map((energy) => interpolate(energy, site.energyEv, site.mu))),
        ),
      })),
    };
  });
  return { energyEv, states };
}

/**
 * The spectrum of a cell with `lithium` x: 1 - x of its cobalt is Co4+, the rest Co3+, and each kind looks as it does
 * at the two nearest x at which the series has it. The mean oxidation state is 4 - x exactly.
 */
export function mixAt({ energyEv, states }: CathodeSeries, lithium: number): Float64Array {
  const share: Readonly<Record<number, number>> = { 3: lithium, 4: 1 - lithium };
  const mixed = new Float64Array(energyEv.length);
  for (const { oxidationState, points } of states) {
    const above = points.findIndex((point) => point.lithium >= lithium);
    const high = points[above < 0 ? points.length - 1 : above]!;
    const low = points[above < 0 ? points.length - 1 : Math.max(0, above - 1)]!;
    const t = high === low ? 0 : (lithium - low.lithium) / (high.lithium - low.lithium);
    const weight = share[oxidationState] ?? 0;
    for (let i = 0; i < mixed.length; i++) {
      mixed[i] = mixed[i]! + weight * ((1 - t) * low.mu[i]! + t * high.mu[i]!);
    }
  }
  return mixed;
}

const average = (rows: readonly Float64Array[]): Float64Array =>
  rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);

/** Linear, inside the range of `xs` only: the callers' axis was cut to it. */
function interpolate(x: number, xs: ArrayLike<number>, ys: ArrayLike<number>): number {
  let high = 1;
  while (high < xs.length - 1 && xs[high]! < x) high++;
  const t = (x - xs[high - 1]!) / (xs[high]! - xs[high - 1]!);
  return ys[high - 1]! + t * (ys[high]! - ys[high - 1]!);
}
