import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { checkRecord } from '../../../workbench/generate/check-record.ts';
import { describeSites } from '../../../workbench/generate/describe-sites.ts';
import type { SiteRecord } from '../../../workbench/generate/site-record.ts';

const shipped = readFileSync('data/battery-feff10/sites.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as SiteRecord);
const iron = shipped.find(({ element }) => element === 'Fe')!;

describe('checkRecord', () => {
  test('every shipped site passes', () => {
    expect(shipped.flatMap((site) => checkRecord(site) ?? [])).toEqual([]);
  });

  test.each<[string, Partial<SiteRecord>, RegExp]>([
    ['cut short', { mu: iron.mu.slice(1) }, /at least 60 points/],
    ['with a hole', { mu: iron.mu.map((value, i) => (i === 9 ? Number.NaN : value)) }, /finite/],
    ['backwards', { energyEv: [...iron.energyEv].reverse() }, /rising/],
    ['not normalised', { mu: iron.mu.map((value) => 2 * value) }, /end near 1/],
    ['that begins above the edge', { mu: iron.mu.map((value) => Math.max(value, 0.5)) }, /begin near 0/],
    ['with a label of oxygen', { labels: { ...iron.labels, NNOSM: 2 } }, /no NNOSM of an absorber Fe/],
    ['without a label', { labels: { OS: 3 } }, /CN, CN2, .* in labels/],
  ])('a spectrum %s does not', (_name, change, message) => {
    expect(checkRecord({ ...iron, ...change })).toMatch(message);
  });

  test('a label that is not known does', () => {
    expect(checkRecord({ ...iron, labels: { ...iron.labels, OS: null } })).toBeNull();
  });
});

test('describeSites counts elements, values, families and failures', () => {
  const site = (element: string, family: string, os: number, cpuSeconds: number): SiteRecord => ({
    ...iron,
    element,
    family,
    labels: { ...iron.labels, OS: os, CN: 4 },
    feff: { ...iron.feff, mixing: cpuSeconds > 100 ? '0.1 20' : '0.2 3', cpuSeconds },
  });
  const sites = [site('Mn', 'garnet', 2, 60), site('Fe', 'garnet', 3, 70), site('Fe', 'spinel', 2, 140)];
  const text = describeSites(sites, [{ id: 'x', reason: 'timeout' }]);
  expect(text).toContain('3 sites in 1 materials of 2 families. CPU seconds a site: median 70, 60 to 140.');
  expect(text).toContain('repeated with gentler mixing for 1.');
  expect(text).toContain('| Fe | 2 | 2: 1, 3: 1 | 4: 2 | garnet 1, spinel 1 |');
  expect(text).toContain('1 sites failed:\n- x: timeout');
});
