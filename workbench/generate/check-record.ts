import { descriptorsOf } from '../../src/messages/descriptor-names.ts';
import type { SiteRecord } from './site-record.ts';

/** Why a computed site must not enter a data set, or null. */
export function checkRecord(site: SiteRecord): string | null {
  const { energyEv, mu } = site;
  if (energyEv.length !== mu.length || energyEv.length < 60)
    return `Expected at least 60 points of energyEv and mu, got ${energyEv.length} and ${mu.length}`;
  if (![...energyEv, ...mu].every(Number.isFinite)) return 'Expected finite energyEv and mu';
  if (energyEv.some((energy, i) => i > 0 && energy <= energyEv[i - 1]!)) return 'Expected rising energyEv';
  const end = mu.slice(-20).reduce((sum, value) => sum + value, 0) / 20;
  if (mu[0]! > 0.3 || end < 0.6 || end > 1.5)
    return `Expected mu to begin near 0 and to end near 1, got ${mu[0]} and ${end.toFixed(2)}`;
  const names: readonly string[] = descriptorsOf(site.element);
  const foreign = Object.keys(site.labels).filter((name) => !names.includes(name));
  if (foreign.length > 0) return `Expected no ${foreign.join(', ')} of an absorber ${site.element}`;
  const missing = names.filter((name) => site.labels[name] === undefined);
  if (missing.length > 0) return `Expected ${missing.join(', ')} in labels, null where unknown`;
  return null;
}
