import { describe, expect, test } from '@jest/globals';
import type { Site } from '../../../workbench/data/dataset.ts';
import { FOLDS, foldOfSite } from '../../../workbench/data/folds.ts';
import { acceptedOf } from '../../../workbench/oxygen/accepted.ts';
import { intervalByFamilies } from '../../../workbench/oxygen/by-families.ts';
import { constantReadings } from '../../../workbench/oxygen/constant-readings.ts';
import { oxygenPage } from '../../../workbench/oxygen/oxygen-page.ts';
import { readOxygen, SIGMAS, withNoise } from '../../../workbench/oxygen/oxygen-sites.ts';
import { isRight, type Reading, readingOf, scoreOf } from '../../../workbench/oxygen/reading.ts';

/** A family in each fold. */
const FAMILIES = FOLDS.map(({ fold }) => {
  for (let i = 0; ; i++) if (foldOfSite({ group: `family ${i}` }) === fold) return `family ${i}`;
});

const siteOf = (group: string, id: string, labels: Site['labels']): Site =>
  ({ group, id, material: id, labels }) as unknown as Site;

/** So many sites of a family whose CN is 4. */
function readings(fold: number, count: number, said: number, confidence: number): Reading[] {
  return Array.from({ length: count }, (_, i) => {
    const site = siteOf(FAMILIES[fold]!, `${fold}-${said}-${i}`, { CN: 4 });
    return { site, fold, values: { CN: said }, confidences: { CN: confidence } };
  });
}

test('every oxygen of the sets has an oxidation state of -2, and noise of its own at each level', () => {
  const { sites } = readOxygen(['data/battery-feff10', 'data/battery-extended']);
  expect(sites).toHaveLength(36);
  expect(new Set(sites.map(({ labels }) => labels.OS))).toEqual(new Set([-2]));
  const [clean, noisy, again] = [0, 0.05, 0.05].map((sigma) => withNoise(sites, sigma)[0]!.mu);
  expect(clean).toEqual(sites[0]!.mu);
  expect(noisy).toEqual(again);
  expect(noisy).not.toEqual(clean);
});

describe('a reading', () => {
  const site = siteOf('spinel', 'a', { CN: 4, NNRS: 0.2 });

  test('of a network has the likeliest class, and a real with the chance that it is within its tolerance', () => {
    const outputs = {
      CN: { kind: 'class', classes: [3, 4], probabilities: Float32Array.of(0.25, 0.75) },
      NNRS: { kind: 'real', mean: 0.24, sigma: 0.05 },
    } as const;
    const reading = readingOf(site, 0, outputs, ['CN', 'NNRS', 'NNOSM']);
    expect(reading.values).toEqual({ CN: 4, NNRS: 0.24 });
    expect(reading.confidences.CN).toBe(0.75);
    expect(reading.confidences.NNRS).toBeCloseTo(0.683, 3); // one sigma
    expect([isRight('CN', reading), isRight('NNRS', reading), isRight('NNOSM', reading)]).toEqual([
      true,
      true,
      null,
    ]);
  });

  test('that does not say what there is a label of is wrong', () => {
    expect(isRight('CN', { site, fold: 0, values: {}, confidences: {} })).toBe(false);
  });
});

describe('the gate', () => {
  const right = FOLDS.flatMap(({ fold }) => readings(fold, 20, 4, 0.9));

  test('accepts what is as confident as what is right in the other folds', () => {
    expect(acceptedOf('CN', right)).toEqual({ sites: 100, accepted: 100, right: 100 });
  });

  test('lets an overconfident family pass that the others know nothing of: its errors are counted', () => {
    const wrong = [...right.filter(({ fold }) => fold !== 2), ...readings(2, 20, 6, 0.9)];
    // Every other fold sees these errors among its evidence, and accepts nothing.
    expect(acceptedOf('CN', wrong)).toEqual({ sites: 100, accepted: 20, right: 0 });
  });

  test('accepts nothing where too few show the target, or none is confident', () => {
    expect(
      acceptedOf(
        'CN',
        FOLDS.flatMap(({ fold }) => readings(fold, 10, 4, 0.9)),
      ).accepted,
    ).toBe(0);
    expect(
      acceptedOf(
        'CN',
        FOLDS.flatMap(({ fold }) => readings(fold, 20, 4, 0.6)),
      ).accepted,
    ).toBe(0);
  });
});

test('a constant is taken from the other families alone', () => {
  const sites = FOLDS.map(({ fold }) => {
    const [CN, NNRS] = fold === 0 ? [2, 1] : [4, 0];
    return siteOf(FAMILIES[fold]!, String(fold), { CN, CN2: 12, PSGO: 1, NNOSM: 2, NNRS });
  });
  const values = constantReadings(sites).map((each) => each.values);
  expect(values.map(({ CN }) => CN)).toEqual([4, 4, 4, 4, 4]);
  expect(values.map(({ NNRS }) => NNRS)).toEqual([0, 0.25, 0.25, 0.25, 0.25]);
});

test('an interval is of whole families: one family alone has none', () => {
  const one = [...readings(0, 5, 4, 1), ...readings(0, 5, 6, 1)];
  const score = scoreOf('CN', one)!;
  expect(score).toBeCloseTo(2 / 3, 6);
  expect(intervalByFamilies('CN', one)).toEqual([score, score]);
  const [low, high] = intervalByFamilies('CN', [...readings(0, 5, 4, 1), ...readings(1, 5, 6, 1)])!;
  expect(low).toBe(0);
  expect(high).toBe(1);
  expect(intervalByFamilies('NNRS', one)).toBeNull();
});

test('the page: the paper first, each way with its interval, and what the gate accepts', () => {
  const sites = FOLDS.map(({ fold }) =>
    siteOf(FAMILIES[fold]!, String(fold), { CN: 4, CN2: 12, PSGO: 48, NNOSM: 2 + fold, NNRS: fold }),
  );
  const plain = constantReadings(sites);
  const at = (own: readonly Reading[]) => new Map(SIGMAS.map((sigma) => [sigma, own]));
  const ways = [
    { name: 'constant', readings: at(plain) },
    { name: 'network', readings: at(plain) },
  ];
  const page = oxygenPage(sites, ways);
  expect(page).toContain('5 O K-edge spectra (FEFF10) of 5 materials and 5 families');
  expect(page).toContain('| the paper | 0.951 | 0.827 | 0.606 | 0.951 | 0.844 |');
  expect(page).toMatch(/\| constant \| 1.000 \[1.00, 1.00\] \|/);
  expect(page).toContain('| CN | 4: 5 |');
  expect(page).toContain('| NNRS | 0.00 to 4.00 |');
  expect(page).toContain('| network | 0.1 | 1.000 |');
  expect(page).not.toContain('| constant | 0.1 |');
  expect(page).toContain('It takes 59 sites without an\nerror');
  expect(page).toContain('Nothing is accepted of any network');

  const sure = FOLDS.flatMap(({ fold }) => readings(fold, 20, 4, 0.9));
  const gated = oxygenPage(sites, [...ways, { name: 'sure', readings: at(plain).set(0.05, sure) }]);
  expect(gated.match(/^\| \S+ \| \S+ \| \d+, .*$/gm)).toEqual([
    '| sure | 0.05 | 100, 100, 100 | 0, 0, 0 | 0, 0, 0 | 0, 0, 0 | 0, 0, 0 |',
  ]);
});
