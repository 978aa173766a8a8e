import { readFileSync } from 'node:fs';
import { NO_CHANNELS, type Scan } from '../src/messages/scan.ts';

/** What a benchmark measures: cobalt or copper alone, or all elements that the repository has spectra of. */
export const BENCH_ELEMENTS = ['Co', 'Cu', 'mixed'] as const;
export type BenchElement = (typeof BENCH_ELEMENTS)[number];

type Site = {
  readonly element: string;
  readonly edge: string;
  readonly energyEv: readonly number[];
  readonly mu: readonly number[];
};

const FILES: Readonly<Record<BenchElement, readonly string[]>> = {
  Co: ['li-x-coo2/series.jsonl'],
  Cu: ['cu-feff10/sites.jsonl'],
  mixed: ['li-x-coo2/series.jsonl', 'cu-feff10/sites.jsonl', 'battery-extended/sites.jsonl'],
};

/**
 * Makes the scans of a benchmark, by their number: computed spectra on an even axis of `points`, in mode MU, each a
 * sample of its own with a ripple of its own. A scan is a mixture of two neighbours in the list of spectra of one
 * element, so that no two are alike and none is a spectrum that the model was trained on.
 */
export function benchScans(element: BenchElement, points: number): (number: number) => Scan {
  const sites = FILES[element].flatMap(readSites);
  const partners = sites.map((site, i) => {
    const same = (other: Site) => other.element === site.element;
    return sites.slice(i + 1).find(same) ?? sites.find(same)!;
  });
  return (number) => {
    const at = number % sites.length;
    const [site, partner] = [sites[at]!, partners[at]!];
    const share = (number * 0.618034) % 1;
    const firstEv = site.energyEv[0]!;
    const stepEv = (site.energyEv.at(-1)! - firstEv) / (points - 1);
    const energyEv = Float64Array.from({ length: points }, (_, i) => firstEv + i * stepEv);
    const [own, other] = [valuesAt(site, energyEv), valuesAt(partner, energyEv)];
    return {
      scanId: `scan-${number}`,
      runId: 'bench',
      sampleId: `sample-${number}`,
      beamline: 'bench',
      element: site.element,
      edge: site.edge,
      mode: 'MU',
      ...NO_CHANNELS,
      energyEv,
      mu: own.map(
        (value, i) =>
          (1 - share) * value + share * other[i]! + 0.002 * Math.sin(i * 12.9898 + number * 78.233),
      ),
      startedAtMs: Date.now(),
      endedAtMs: Date.now(),
      sequence: number,
      origin: 'REPLAY',
      metadata: { 'energy.scale': 'feff10' },
    };
  };
}

function readSites(file: string): Site[] {
  const text = readFileSync(new URL(`../data/${file}`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Site);
}

/** By straight lines between the points of a spectrum; beyond them its first or last value. */
function valuesAt({ energyEv, mu }: Site, atEv: Float64Array): Float64Array {
  let k = 0;
  return atEv.map((energy) => {
    while (k < energyEv.length - 2 && energyEv[k + 1]! < energy) k += 1;
    const share = (energy - energyEv[k]!) / (energyEv[k + 1]! - energyEv[k]!);
    return mu[k]! + Math.max(0, Math.min(1, share)) * (mu[k + 1]! - mu[k]!);
  });
}
