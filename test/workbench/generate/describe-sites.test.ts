import { expect, test } from '@jest/globals';
import { describeSites } from '../../../workbench/generate/describe-sites.ts';
import type { SiteRecord } from '../../../workbench/generate/site-record.ts';

const site = (material: string, more: object) =>
  ({
    id: `${material}_Cu0_v0`,
    material,
    element: 'Cu',
    labels: { OS: null, CN: 4 },
    feff: { cpuSeconds: 50, mixing: '0.2 3' },
    ...more,
  }) as unknown as SiteRecord;

test('tells the labels and families of oxides', () => {
  const table = describeSites([site('CuO', { family: 'tenorite', labels: { OS: 2, CN: 4 } })], []);
  expect(table).toContain('| Cu | 1 | 2: 1 | 4: 1 | tenorite 1 |');
  expect(table).toContain('No site failed.');
});

test('tells the kinds of what is no oxide, each crystal once', () => {
  const sites = [
    site('CuS', { kind: 'sulphide' }),
    site('CuS', { kind: 'sulphide' }),
    site('Cu', { kind: 'metal' }),
  ];
  const table = describeSites(sites, [{ id: 'CuI', reason: 'timeout' }]);
  expect(table).toContain('| Cu | 3 | metal: Cu; sulphide: CuS |');
  expect(table).toContain('- CuI: timeout');
});
