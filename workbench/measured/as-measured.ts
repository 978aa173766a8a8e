import type { Site } from '../data/dataset.ts';
import { seededRandom } from '../data/random.ts';

/** How a computed spectrum is made to look like a measured one. */
export type Measurement = {
  /** How much is measured before the spectrum begins and behind its end, eV. */
  readonly beforeEv: number;
  readonly afterEv: number;
  /** mu becomes offset + slope x (energy - first energy) + step x mu. */
  readonly offset: number;
  readonly slope: number;
  readonly step: number;
  /** Sigma of a point over the edge step. */
  readonly noise: number;
  readonly seed: number;
  /** Intensities before and behind the sample, or mu itself. */
  readonly columns: 'i0 itrans' | 'mutrans';
  /** Added to all energies. */
  readonly shiftEv: number;
};

/**
 * A computed spectrum as an XDI file, with baseline and noise. Before its first energy it falls to 0, past its last it
 * tends to 1.
 */
export function asMeasured(site: Site, how: Measurement): string {
  const first = site.energyEv[0]!;
  const last = site.energyEv.at(-1)!;
  const before = stepsUpTo(how.beforeEv, 5).reverse();
  const after = stepsUpTo(how.afterEv, 2);
  const computed = [
    ...before.map((distance) => [first - distance, site.mu[0]! / (1 + distance / 5)] as const),
    ...Array.from(site.energyEv, (energy, i) => [energy, site.mu[i]!] as const),
    ...after.map(
      (distance) => [last + distance, 1 + (site.mu.at(-1)! - 1) * Math.exp(-distance / 15)] as const,
    ),
  ];
  const random = seededRandom(how.seed);
  const rows = computed.map(([energy, value]) => {
    const distance = energy - first;
    const mu = how.offset + how.slope * distance + how.step * (value + how.noise * random.normal());
    const i0 = 2e5 * (1 - 2e-4 * distance);
    const channels = how.columns === 'mutrans' ? [mu] : [i0, i0 * Math.exp(-mu)];
    return [(energy + how.shiftEv).toFixed(3), ...channels.map((channel) => channel.toPrecision(9))].join(
      ' ',
    );
  });
  return `${[
    '# XDI/1.0',
    `# Element.symbol: ${site.element}`,
    `# Element.edge: ${site.edge}`,
    ...['energy eV', ...how.columns.split(' ')].map((name, i) => `# Column.${i + 1}: ${name}`),
    '#---',
    ...rows,
  ].join('\n')}\n`;
}

/** Multiples of a step, ascending, that are no larger. */
function stepsUpTo(end: number, step: number): number[] {
  return Array.from({ length: Math.floor(end / step) }, (_, i) => (i + 1) * step);
}
