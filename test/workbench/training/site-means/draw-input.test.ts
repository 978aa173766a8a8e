import { describe, expect, test } from '@jest/globals';
import { edgePosition } from '../../../../src/gating/rulers.ts';
import type { ModelInput } from '../../../../src/messages/prepared.ts';
import { seededRandom } from '../../../../workbench/data/random.ts';
import { drawInput, type FineSite } from '../../../../workbench/training/site-means/draw-input.ts';
import { mixtureSource } from '../../../../workbench/training/site-means/draw-mixtures.ts';
import { onFineAxis } from '../../../../workbench/training/site-means/fine-axis.ts';
import { manifest, nickel, nickelSites } from './nickel-sites.ts';

const { grid } = manifest;
const { offsetsEv, requiredFromEv, requiredToEv } = grid;
const source = mixtureSource(nickelSites);
const random = seededRandom(4);
const drawn = Array.from({ length: 600 }, (_, i) => {
  const site = nickelSites[i % nickelSites.length]!;
  const mixture = i % 2 === 0 ? source.mixtureWith(site, random) : { sites: [site], shares: [1] };
  return drawInput(mixture, nickel, grid, random);
});
const inputs = drawn.filter((input): input is ModelInput => input !== null);
const required = [...offsetsEv.keys()].filter(
  (i) => offsetsEv[i]! >= requiredFromEv && offsetsEv[i]! <= requiredToEv,
);

describe('many draws', () => {
  test('cover the required range, and hold numbers where something was measured alone', () => {
    expect(inputs.length).toBeGreaterThan(0.95 * drawn.length);
    for (const { element, edge, mu, mask } of inputs) {
      expect([element, edge, mu.length, mask.length]).toEqual(['Ni', 'K', 160, 160]);
      expect(required.every((i) => mask[i] === 1)).toBe(true);
      expect(mu.every((value, i) => Number.isFinite(value) && (mask[i] === 1 || value === 0))).toBe(true);
    }
  });

  test('end anywhere', () => {
    const ends = new Set(inputs.map(({ mask }) => mask.lastIndexOf(1)));
    expect(ends.size).toBeGreaterThan(30);
    expect(Math.min(...ends)).toBeLessThan(required.at(-1)! + 8);
    const late = inputs.filter(({ mask }) => offsetsEv[mask.indexOf(1)]! >= requiredFromEv - 0.01);
    expect(late.length / inputs.length).toBeGreaterThan(0.1);
  });

  test('are told how well their energies are known: exactly, or anything from 0.1 to 3 eV', () => {
    const told = inputs.map(({ energySigmaEv }) => energySigmaEv!);
    expect(told.every((sigma) => sigma >= 0.1 && sigma <= 3)).toBe(true);
    expect(Math.abs(told.filter((sigma) => sigma === 0.2).length / told.length - 0.3)).toBeLessThan(0.07);
    expect(told.filter((sigma) => sigma > 1).length / told.length).toBeGreaterThan(0.15);
  });

  test('are off by as much as they are told', () => {
    const one = nickelSites[0]!;
    const spreadOf = (is: (sigma: number) => boolean): number => {
      const own = Array.from({ length: 1200 }, () =>
        drawInput({ sites: [one], shares: [1] }, nickel, grid, random),
      )
        .filter((input): input is ModelInput => input !== null && is(input.energySigmaEv!))
        .map((input) => edgePosition(input, offsetsEv, [0.6]))
        .filter(Number.isFinite)
        .sort((a, b) => a - b);
      expect(own.length).toBeGreaterThan(100);
      return own[Math.floor(0.84 * own.length)]! - own[Math.floor(0.16 * own.length)]!; // two sigma
    };
    const [exact, rough] = [spreadOf((sigma) => sigma === 0.2), spreadOf((sigma) => sigma > 1.5)];
    // Distortions move an edge as well: what is left is the draw from the stated uncertainty, 2.2 eV on the whole.
    const drawnEv = 0.5 * Math.sqrt(rough ** 2 - exact ** 2);
    expect(drawnEv).toBeGreaterThan(1.4);
    expect(drawnEv).toBeLessThan(3.1);
  });
});

test('the same seed draws the same, another does not', () => {
  const from = (seed: number) =>
    drawInput({ sites: [nickelSites[0]!], shares: [1] }, nickel, grid, seededRandom(seed));
  expect(from(1)).toEqual(from(1));
  expect(from(1)).not.toEqual(from(2));
});

test('a mixture of a site with itself is that site', () => {
  const site = nickelSites[0]!;
  const [alone, twice] = [
    { sites: [site], shares: [1] },
    { sites: [site, site], shares: [0.3, 0.7] },
  ].map((mixture) => drawInput(mixture, nickel, grid, seededRandom(1))!) as [ModelInput, ModelInput];
  expect(twice.mask).toEqual(alone.mask);
  alone.mu.forEach((value, i) => {
    expect(twice.mu[i]).toBeCloseTo(value, 5);
  });
});

test('what does not cover the required range is no input', () => {
  const cut = (fromEv: number, toEv: number): FineSite => {
    const { fine: _, ...site } = nickelSites[0]!;
    const middleEv = nickel.referenceEv - (nickel.shiftsEv[site.scale] ?? 0);
    const inside = (__: number, i: number) =>
      site.energyEv[i]! >= middleEv + fromEv && site.energyEv[i]! <= middleEv + toEv;
    const part = { ...site, energyEv: site.energyEv.filter(inside), mu: site.mu.filter(inside) };
    return { ...part, fine: onFineAxis(part, nickel) };
  };
  const whole = nickelSites[0]!;
  for (const sites of [[cut(-20, 12)], [cut(-3, 80)], [whole, cut(-20, 12)], [cut(-20, 0), cut(10, 80)]])
    expect(drawInput({ sites, shares: sites.map(() => 1 / sites.length) }, nickel, grid, random)).toBeNull();
  expect(drawInput({ sites: [cut(-20, 40)], shares: [1] }, nickel, grid, random)).not.toBeNull();
});
