import { DESCRIPTOR_NAMES, type DescriptorName } from '../../../src/messages/descriptor-names.ts';
import type { Site } from '../../data/dataset.ts';
import { type Random, shuffle } from '../../data/random.ts';

/** Sites of one element and one calculation, with shares that sum to 1. */
export type Mixture<S = Site> = { readonly sites: readonly S[]; readonly shares: readonly number[] };

/** What is known of a mixture; a descriptor that one of its sites has no label of is left out. */
export type MixtureLabels = Readonly<
  Partial<
    Record<DescriptorName, { readonly mean: number; readonly weight: number; readonly differ: boolean }>
  >
>;

/** A smaller share than this is not seen. */
const SEEN = 0.05;

type Labelled = Pick<Site, 'labels' | 'weights'>;

export function labelsOf({ sites, shares }: Mixture<Labelled>): MixtureLabels {
  return Object.fromEntries(
    DESCRIPTOR_NAMES.flatMap((name) => {
      const values = sites.map(({ labels }) => labels[name]);
      if (values.some((value) => value === undefined)) return [];
      const mean = values.reduce<number>((sum, value, k) => sum + shares[k]! * value!, 0);
      const weight = Math.min(...sites.map(({ weights }) => weights[name] ?? 1));
      const seen = new Set(values.filter((_, k) => shares[k]! > SEEN));
      return [[name, { mean, weight, differ: seen.size > 1 }]];
    }),
  );
}

/** Sites by element and calculation: only such lie on one energy scale. */
export function pools<S extends Pick<Site, 'element' | 'scale'>>(sites: readonly S[]): Map<string, S[]> {
  const found = new Map<string, S[]>();
  for (const site of sites) {
    const key = `${site.element}/${site.scale}`;
    found.set(key, [...(found.get(key) ?? []), site]);
  }
  return found;
}

export type MixtureSource<S extends Site = Site> = {
  /** Every site once as it is, or as one of two to four of a mixture of any shares. */
  everySiteOnce(share: number, random: Random): Mixture<S>[];
  /** A mixture that holds a site. */
  mixtureWith(site: S, random: Random): Mixture<S>;
};

/** Where mixtures are drawn from; half of those of two sites are of two oxidation states. */
export function mixtureSource<S extends Site>(sites: readonly S[]): MixtureSource<S> {
  const all = pools(sites);
  const known = new Map([...all].map(([key, own]) => [key, own.filter(({ labels }) => 'OS' in labels)]));
  const oneOf = (items: readonly S[], random: Random): S =>
    items[Math.floor(random.uniform() * items.length)]!;

  function mixtureWith(site: S, random: Random): Mixture<S> {
    const key = `${site.element}/${site.scale}`;
    const isKnown = 'OS' in site.labels;
    const pool = isKnown ? known.get(key)! : all.get(key)!;
    const count = [2, 2, 2, 3, 4][Math.floor(5 * random.uniform())]!;
    const others = Array.from({ length: count - 1 }, () => oneOf(pool, random));
    if (count === 2 && isKnown && random.uniform() < 0.5) {
      const unlike = pool.filter(({ labels }) => labels.OS !== site.labels.OS);
      if (unlike.length > 0) others[0] = oneOf(unlike, random);
    }
    // Uniform over all shares that sum to 1.
    const draws = Array.from({ length: count }, () => -Math.log(1 - random.uniform()));
    const total = draws.reduce((a, b) => a + b);
    return { sites: [site, ...others], shares: draws.map((draw) => draw / total) };
  }

  return {
    mixtureWith,
    everySiteOnce: (share, random) =>
      shuffle(sites, random).map((site) =>
        random.uniform() < share ? mixtureWith(site, random) : { sites: [site], shares: [1] },
      ),
  };
}
