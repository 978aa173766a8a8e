import { readSites } from '../../data/dataset.ts';
import { asMeasured, type Measurement } from '../../measured/as-measured.ts';

const FILES = [
  'data/battery-feff10/sites.jsonl',
  'data/battery-extended/sites.jsonl',
  'data/li-x-coo2/series.jsonl',
  'data/non-oxides/sites.jsonl',
  'data/cu-feff10/sites.jsonl',
];
/** Its edge, at 55 eV, lies below any beamline for hard X-rays. */
const LEFT_OUT = 'Li';

const HOW: Readonly<Record<string, Omit<Measurement, 'seed' | 'shiftEv'>>> = {
  long: {
    beforeEv: 150,
    afterEv: 600,
    offset: 0.6,
    slope: -3e-4,
    step: 1.3,
    noise: 5e-4,
    columns: 'i0 itrans',
  },
  xanes: {
    beforeEv: 60,
    afterEv: 120,
    offset: 1.5,
    slope: 5e-4,
    step: 0.4,
    noise: 2e-3,
    columns: 'i0 itrans',
  },
  noisy: {
    beforeEv: 100,
    afterEv: 250,
    offset: -0.3,
    slope: 1e-4,
    step: 0.8,
    noise: 1e-2,
    columns: 'mutrans',
  },
  'as computed': { beforeEv: 0, afterEv: 0, offset: 0.2, slope: 0, step: 2.5, noise: 0, columns: 'mutrans' },
};

/**
 * The first spectrum of each element in each of our own sets, measured in four ways: XDI files on which E0 and edge
 * step are compared with larch's. The same text on each call.
 */
export function shippedScans(): readonly { readonly name: string; readonly text: string }[] {
  return FILES.flatMap((file) => {
    const sites = readSites(file).filter(({ element }) => element !== LEFT_OUT);
    const elements = [...new Set(sites.map(({ element }) => element))];
    return elements.flatMap((element) => {
      const site = sites.find((each) => each.element === element)!;
      return Object.entries(HOW).map(([name, how], seed) => ({
        name: `${site.id} ${name}`,
        text: asMeasured(site, { ...how, seed: seed + 1, shiftEv: 0 }),
      }));
    });
  });
}
