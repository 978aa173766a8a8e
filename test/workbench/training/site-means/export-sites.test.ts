import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readMetals } from '../../../../workbench/calibration/non-oxides.ts';
import { foldOfSite } from '../../../../workbench/data/folds.ts';
import { exportSites } from '../../../../workbench/training/site-means/export-sites.ts';
import { FINE } from '../../../../workbench/training/site-means/fine-axis.ts';
import { configFor } from '../../../../workbench/training/site-means/write-site-means.ts';
import { manifest, nickelSites } from './nickel-sites.ts';

const folder = mkdtempSync(join(tmpdir(), 'sites-'));
const metals = readMetals(manifest.references)
  .filter(({ element }) => element === 'Ni')
  .slice(0, 1);
const sites = nickelSites.slice(0, 12);
const config = configFor(manifest.network, sites, { channels: [2, 3], features: 4 });
type Written = {
  readonly muFrom: number;
  readonly muStep: number;
  readonly sites: readonly Record<string, unknown>[];
  readonly checks: readonly { site: number; shiftEv: number; mu: number[]; mask: number[] }[];
};
let written: Written;
beforeAll(() => {
  exportSites(folder, sites, metals, manifest.references, config);
  written = JSON.parse(readFileSync(join(folder, 'sites.json'), 'utf8')) as Written;
});
afterAll(() => rmSync(folder, { recursive: true }));

test('each site has its place, fold and labels; a metal is one of oxidation state 0', () => {
  expect(written.sites).toHaveLength(13);
  sites.forEach((site, row) => {
    expect(written.sites[row]).toMatchObject({
      element: config.elements.indexOf('Ni'),
      scale: site.scale,
      fold: foldOfSite(site),
      metal: false,
      labels: [site.labels.OS ?? null, site.labels.CN ?? null, site.labels.OCN ?? null],
    });
  });
  expect(written.sites[12]).toMatchObject({ metal: true, labels: [0, 12, 0] });
  expect(config.classes.OS[0]).toBe(0);
});

test('mu can be read back to a ten-thousandth', () => {
  const bytes = readFileSync(join(folder, 'sites.bin'));
  expect(bytes).toHaveLength(2 * 13 * FINE.points);
  sites.forEach(({ fine }, row) => {
    fine.mu.forEach((value, i) => {
      const at = bytes.readUInt16LE(2 * (row * FINE.points + fine.from + i));
      expect(Math.abs(written.muFrom + written.muStep * at - value)).toBeLessThan(0.51 * written.muStep);
    });
  });
});

test('the cases to check a trainer by are of several sites, shifted, and say what was covered', () => {
  expect(written.checks).toHaveLength(6);
  expect(new Set(written.checks.map(({ shiftEv }) => shiftEv)).size).toBe(6);
  for (const { site, mu, mask } of written.checks) {
    expect(site).toBeLessThan(13);
    expect([mu.length, mask.length]).toEqual([160, 160]);
    expect(mask.filter((value) => value === 1).length).toBeGreaterThan(50);
    mu.forEach((value, bin) => {
      if (mask[bin] === 0) expect(value).toBe(0);
    });
  }
});
