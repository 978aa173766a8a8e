import { markdownTable } from '../report/markdown-table.ts';
import { fixed } from '../report/number-formats.ts';
import { median } from '../report/statistics.ts';
import type { SiteRecord } from './site-record.ts';

/**
 * Markdown: what a set of computed sites holds, what it cost, and what failed. Of what is no oxide it tells the kinds.
 */
export function describeSites(
  sites: readonly SiteRecord[],
  failures: readonly { readonly id: string; readonly reason: string }[],
): string {
  const seconds = sites.map(({ feff }) => feff.cpuSeconds);
  const repeated = sites.filter(({ feff }) => feff.mixing !== '0.2 3').length;
  const lines = [
    `${sites.length} sites in ${distinct(sites, ({ material }) => material)} materials of ` +
      `${distinct(sites, (site) => familyOf(site))} families. ${
        seconds.length === 0
          ? ''
          : `CPU seconds a site: median ${fixed(median(seconds), 0)}, ${fixed(Math.min(...seconds), 0)} to ${fixed(Math.max(...seconds), 0)}. `
      }Self-consistency was repeated with gentler mixing for ${repeated}.`,
    '',
    sites.some(({ kind }) => kind !== undefined) ? byKind(sites) : byLabel(sites),
    failures.length === 0 ? 'No site failed.' : `${failures.length} sites failed:`,
    ...failures.map(({ id, reason }) => `- ${id}: ${reason}`),
    '',
  ];
  return lines.join('\n');
}

function byLabel(sites: readonly SiteRecord[]): string {
  const rows = groups(sites, ({ element }) => element).map(([element, own]) => {
    const families = groups(own, familyOf).map(([family, members]) => `${family} ${members.length}`);
    return [element, own.length, counts(own, 'OS'), counts(own, 'CN'), families.join(', ')];
  });
  return markdownTable(['element', 'sites', 'OS: sites', 'CN: sites', 'families'], rows);
}

function byKind(sites: readonly SiteRecord[]): string {
  const rows = groups(sites, ({ element }) => element).map(([element, own]) => {
    const kinds = groups(own, ({ kind }) => kind ?? 'oxide').map(([kind, members]) => {
      const materials = groups(members, ({ material }) => material).map(([material]) => material);
      return `${kind}: ${materials.join(', ')}`;
    });
    return [element, own.length, kinds.join('; ')];
  });
  return markdownTable(['element', 'sites', 'crystals by kind'], rows);
}

const familyOf = (site: SiteRecord): string => site.family ?? site.material;

function counts(sites: readonly SiteRecord[], name: string): string {
  return groups(sites, ({ labels }) => String(labels[name] ?? 'unknown'))
    .map(([value, own]) => `${value}: ${own.length}`)
    .join(', ');
}

function groups(sites: readonly SiteRecord[], keyOf: (site: SiteRecord) => string): [string, SiteRecord[]][] {
  const found = new Map<string, SiteRecord[]>();
  for (const site of sites) found.set(keyOf(site), [...(found.get(keyOf(site)) ?? []), site]);
  return [...found].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
}

const distinct = (sites: readonly SiteRecord[], keyOf: (site: SiteRecord) => string): number =>
  new Set(sites.map(keyOf)).size;
