import { readFileSync } from 'node:fs';
import { NO_CHANNELS, type Scan } from '../../src/messages/scan.ts';

type Site = {
  readonly element: string;
  readonly energyEv: readonly number[];
  readonly mu: readonly number[];
};

const sites: readonly Site[] = readFileSync(
  new URL('../../data/li-x-coo2/series.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

/** Scan number `sequence` of a sample: a computed Co spectrum with a fresh, repeatable ripple on it. */
export function exampleScan(sampleId: string, sequence: number): Scan {
  const site = sites[sequence % sites.length]!;
  return {
    scanId: `${sampleId}/${sequence}`,
    runId: 'run',
    sampleId,
    beamline: 'test',
    element: site.element,
    edge: 'K',
    mode: 'MU',
    ...NO_CHANNELS,
    energyEv: Float64Array.from(site.energyEv),
    mu: Float64Array.from(site.mu, (mu, i) => mu + 0.002 * Math.sin(i * 12.9898 + sequence * 78.233)),
    startedAtMs: 1_750_000_000_000 + sequence * 1000,
    endedAtMs: 1_750_000_000_900 + sequence * 1000,
    sequence,
    origin: 'REPLAY',
    metadata: { 'energy.scale': 'feff10' },
  };
}
