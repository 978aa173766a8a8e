import { openBundle } from '../../../../src/bundle/bundle.ts';
import { readSites } from '../../../../workbench/data/dataset.ts';
import type { FineSite } from '../../../../workbench/training/site-means/fine-axis.ts';
import { onFineAxis } from '../../../../workbench/training/site-means/fine-axis.ts';

export const { manifest } = openBundle('models/spt', { gate: 'optional' });
export const nickel = manifest.references.find(({ element }) => element === 'Ni')!;
export const batterySites = readSites('data/battery-feff10/sites.jsonl');
/** Computed spectra of nickel in battery materials, on the fine axis too. */
export const nickelSites: readonly FineSite[] = batterySites
  .filter(({ element }) => element === 'Ni')
  .map((site) => ({ ...site, fine: onFineAxis(site, nickel) }));
