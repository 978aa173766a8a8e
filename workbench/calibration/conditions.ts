import type { ElementReference } from '../../src/messages/prepared.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { STATED_SIGMA } from '../../src/spectra/energy-sigma.ts';
import { offsetsOf, type Site, toGrid } from '../data/dataset.ts';
import { perturb } from '../data/perturb.ts';
import type { Random } from '../data/random.ts';
import { scanOfSite } from '../data/scan-of-site.ts';
import { type Distortion, distort, UNDISTORTED } from '../training/site-means/distort.ts';
import type { Mixture, MixtureSource } from '../training/site-means/draw-mixtures.ts';
import type { FineSite } from '../training/site-means/fine-axis.ts';
import { FINE_EV, mixedSpectrum } from '../training/site-means/fine-axis.ts';
import { drawVariation, likeMeasured, type Variation } from '../training/site-means/like-measured.ts';
import { type OutlierKind, outlierSpectrum, withComputedMetal } from './outlier-spectra.ts';

/** What befalls a sample, its spectrum and its energies on the way to the gate. */
export type Circumstance = {
  readonly mixture: Mixture<FineSite>;
  readonly distortion?: Partial<Distortion>;
  /** By what a measured spectrum differs from a computed one. */
  readonly variation?: Variation;
  /** White noise of each point. */
  readonly noise?: number;
  /** eV that the energies are off, and what the scan states of them. */
  readonly shiftEv?: number;
  readonly statedSigmaEv?: number;
  /** Ends so many eV above the middle of the edge. */
  readonly endEv?: number;
  /** A spectrum that no oxide has, on the energies of the mixture's first site. */
  readonly nothing?: (site: Site, reference: ElementReference, random: Random) => Site;
};

export type Condition = {
  readonly name: string;
  /** Of several sites. */
  readonly isMixture?: true;
  /** There is nothing to find: whatever is accepted is wrong. */
  readonly isNothing?: true;
  /** Null where a site has no such circumstance. */
  draw(site: FineSite, source: MixtureSource<FineSite>, random: Random): Circumstance | null;
};

const single = (site: FineSite): Mixture<FineSite> => ({ sites: [site], shares: [1] });
const spoiled =
  (of: (random: Random) => Omit<Circumstance, 'mixture'>): Condition['draw'] =>
  (site, _, random) => ({ mixture: single(site), ...of(random) });
const fixed = (distortion: Partial<Distortion>): Condition['draw'] => spoiled(() => ({ distortion }));
const energyOff = (sigmaEv: number): Condition['draw'] =>
  spoiled((random) => ({ shiftEv: sigmaEv * random.normal(), statedSigmaEv: sigmaEv }));

const outlier = (kind: OutlierKind): Pick<Condition, 'isNothing' | 'draw'> => ({
  isNothing: true,
  draw: (site) => ({
    mixture: single(site),
    nothing: (of, reference, random) => outlierSpectrum(kind, of, reference, random),
  }),
});

/** What the metal detector is to tell. */
export const HALF_METAL = 'nothing: half a metal';

/** Half of the cases of a mixture hold two oxidation states, as `mixtureWith` draws them. */
export const CONDITIONS: readonly Condition[] = [
  { name: 'clean', draw: spoiled(() => ({})) },
  { name: 'like a measured spectrum', draw: spoiled((random) => ({ variation: drawVariation(random) })) },
  { name: 'noise', draw: spoiled((random) => ({ noise: 0.13 * random.uniform() })) },
  { name: 'energies known to 1 eV', draw: energyOff(1) },
  { name: 'energies known to 2 eV', draw: energyOff(2) },
  { name: 'energies off by 1 to 2 eV, unstated', draw: spoiled(unstated) },
  { name: 'self-absorption 0.5', draw: fixed({ selfAbsorption: 0.5 }) },
  { name: 'self-absorption 1', draw: fixed({ selfAbsorption: 1 }) },
  { name: 'self-absorption 2', draw: fixed({ selfAbsorption: 2 }) },
  { name: 'leakage', draw: fixed({ leakage: 0.1, thickness: 2.5 }) },
  { name: 'clipped', draw: fixed({ clip: 0.85 }) },
  { name: 'broadened', draw: fixed({ broadeningEv: 2.1 }) },
  {
    name: 'detector jump',
    draw: spoiled((random) => ({
      distortion: { jump: random.uniform() < 0.5 ? -0.1 : 0.2, jumpAtEv: 30 * random.uniform() },
    })),
  },
  { name: 'correlated noise', draw: fixed({ correlatedNoise: 0.1 }) },
  { name: 'ends at +20 to +30 eV', draw: spoiled((random) => ({ endEv: 20 + 10 * random.uniform() })) },
  {
    name: 'mixture',
    isMixture: true,
    draw: (site, source, random) => ({ mixture: source.mixtureWith(site, random) }),
  },
  {
    name: 'mixture, energies known to 1 eV',
    isMixture: true,
    draw: (site, source, random) => ({
      mixture: source.mixtureWith(site, random),
      shiftEv: random.normal(),
      statedSigmaEv: 1,
    }),
  },
  {
    name: 'mixture, self-absorption',
    isMixture: true,
    draw: (site, source, random) => ({
      mixture: source.mixtureWith(site, random),
      distortion: { selfAbsorption: 1.5 * random.uniform() },
    }),
  },
  {
    name: 'mixture, noise',
    isMixture: true,
    draw: (site, source, random) => ({
      mixture: source.mixtureWith(site, random),
      noise: 0.1 * random.uniform(),
    }),
  },
  { name: 'nothing: a bare step', ...outlier('bare step') },
  { name: 'nothing: one shell', ...outlier('one shell') },
  { name: 'nothing: a random walk', ...outlier('random walk') },
  { name: HALF_METAL, ...outlier('half metallic') },
  {
    // A kind that the classifier of the gate is never shown.
    name: 'nothing: two broad lines (kind left out)',
    isNothing: true,
    draw: (site) => ({ mixture: single(site), nothing: twoBroadLines }),
  },
];

/** Nothing is fitted on these: what the gate learns of metals is invented. */
export const conditionsOfMetals = (metals: readonly Site[]): readonly Condition[] =>
  (['foil', 'as computed'] as const).map((at) => ({
    name: `nothing: half a computed metal, its edge ${at === 'foil' ? "at the foil's" : at} (kind left out)`,
    isNothing: true,
    draw: (site, _, random) => {
      const own = metals.filter(({ element }) => element === site.element);
      if (own.length === 0) return null;
      const metal = own[Math.floor(random.uniform() * own.length)]!;
      const share = 0.3 + 0.4 * random.uniform();
      return {
        mixture: single(site),
        nothing: (of, reference) => withComputedMetal(of, metal, share, at, reference),
      };
    },
  }));

function twoBroadLines(site: Site, reference: ElementReference, random: Random): Site {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  const offsets = offsetsOf(site, reference);
  const lines = [
    { atEv: between(0, 8), width: between(3, 7), height: between(0.2, 0.7) },
    { atEv: between(14, 35), width: between(5, 12), height: between(-0.3, 0.4) },
  ];
  return {
    ...site,
    mu: Float64Array.from(offsets, (offset) => {
      const step = 0.5 + Math.atan(offset / 1.8) / Math.PI;
      return lines.reduce(
        (sum, { atEv, width, height }) => sum + height * Math.exp(-(((offset - atEv) / width) ** 2)),
        step,
      );
    }),
  };
}

function unstated(random: Random): Omit<Circumstance, 'mixture'> {
  return { shiftEv: (random.uniform() < 0.5 ? -1 : 1) * (1 + random.uniform()) };
}

/**
 * The scan that an experiment would publish, on the energies of the mixture's first site; null where sites do not
 * meet.
 */
export function scanOf(
  {
    mixture,
    distortion = {},
    variation,
    noise = 0,
    shiftEv = 0,
    statedSigmaEv,
    endEv,
    nothing,
  }: Circumstance,
  reference: ElementReference,
  random: Random,
): Scan | null {
  const [first] = mixture.sites as [FineSite];
  const changed = mixture.sites.length > 1 || variation !== undefined || Object.keys(distortion).length > 0;
  const own = nothing?.(first, reference, random) ?? first;
  const site = changed
    ? respun(mixture, { ...UNDISTORTED, ...distortion }, variation, reference, random)
    : own;
  if (site.energyEv.length < 16) return null;
  const middleEv = site.energyEv[0]! - offsetsOf(site, reference)[0]!;
  const seen = perturb(site, { noise, shiftEv, ...(endEv !== undefined && { endEv }) }, middleEv, random);
  const scan = scanOfSite(seen);
  if (statedSigmaEv === undefined) return scan;
  return { ...scan, metadata: { ...scan.metadata, [STATED_SIGMA]: String(statedSigmaEv) } };
}

/** The mixture, distorted, on its first site's own energies as far as all sites reach. */
function respun(
  mixture: Mixture<FineSite>,
  by: Distortion,
  variation: Variation | undefined,
  reference: ElementReference,
  random: Random,
): Site {
  const [first] = mixture.sites as [FineSite];
  const whole = mixedSpectrum(
    mixture.sites.map(({ fine }) => fine),
    mixture.shares,
  );
  if (whole.mu.length < 2) return { ...first, energyEv: new Float64Array(0), mu: new Float64Array(0) };
  const varied = variation === undefined ? whole : likeMeasured(whole, variation);
  const { from, mu } = distort(varied, by, random);
  const offsets = offsetsOf(first, reference);
  const onOwn = toGrid(FINE_EV.subarray(from, from + mu.length), mu, offsets);
  const inside = (_: number, i: number) => onOwn.mask[i] === 1;
  return {
    ...first,
    energyEv: first.energyEv.filter(inside),
    mu: Float64Array.from(onOwn.mu).filter(inside),
  };
}
