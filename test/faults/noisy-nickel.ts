import { readFileSync } from 'node:fs';
import { random } from '../../demo/replay/random.ts';
import { NO_CHANNELS, type Scan } from '../../src/messages/scan.ts';

type Site = { readonly id: string; readonly energyEv: readonly number[]; readonly mu: readonly number[] };

const file = new URL('../../data/battery-feff10/sites.jsonl', import.meta.url);
const sites = readFileSync(file, 'utf8').trim().split('\n');
const site = sites.map((line) => JSON.parse(line) as Site).find(({ id }) => id === 'f10_000183_Ni010')!;
const PRE_EDGE = Array.from({ length: 30 }, (_, i) => -60 + 2 * i);

/**
 * A computed nickel spectrum as a scan with a pre-edge: accepted by itself at a noise of 0.01, and only as a mean of
 * several at 0.1 to 0.15. `damage`: height of a shoulder that the beam has brought about before the edge, in edge
 * steps.
 */
export function nickelScan(sampleId: string, sequence: number, noise: number, damage = 0): Scan {
  const { energyEv, mu: own } = site;
  const shoulderAt = energyEv[0]! + 8;
  const mu = own.map((each, i) => each + damage * Math.exp(-(((energyEv[i]! - shoulderAt) / 4) ** 2)));
  const chance = random(7, sequence, ...Buffer.from(sampleId));
  const tail = PRE_EDGE.map((ev) => mu[0]! * Math.exp(ev / 4));
  return {
    ...{
      scanId: `${sampleId}/${sequence}`,
      runId: 'run',
      sampleId,
      beamline: 'test',
      element: 'Ni',
      edge: 'K',
    },
    ...{ mode: 'MU', ...NO_CHANNELS },
    energyEv: Float64Array.from([...PRE_EDGE.map((ev) => energyEv[0]! + ev), ...energyEv]),
    mu: Float64Array.from([...tail, ...mu], (each) => each + noise * chance.normal()),
    startedAtMs: 1_750_000_000_000 + sequence * 10_000,
    endedAtMs: 1_750_000_009_000 + sequence * 10_000,
    ...{ sequence, origin: 'REPLAY', metadata: { 'energy.scale': 'feff10', position: 'A' } },
  };
}
