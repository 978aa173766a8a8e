import { mean } from '../../report/statistics.ts';
import type { Detector, DetectorCase } from './detectors.ts';

/** Those of measured oxides, of metals, and of sulphides, selenides, nitrides and carbides. */
export function measuredKinds<Case extends Pick<DetectorCase, 'kind'>>(
  cases: readonly Case[],
): { readonly oxides: Case[]; readonly metals: Case[]; readonly others: Case[] } {
  const of = (...kinds: readonly DetectorCase['kind'][]) => cases.filter(({ kind }) => kinds.includes(kind));
  return {
    oxides: of('oxide'),
    metals: of('metal'),
    others: of('sulphide', 'selenide', 'nitride', 'carbide'),
  };
}

/** Share of groups that pass, files of one compound counting together as one. */
export function passing(cases: readonly DetectorCase[], detector: Detector, limit: number): number {
  const groups = new Map<string, boolean[]>();
  for (const each of cases)
    groups.set(each.group, [...(groups.get(each.group) ?? []), detector(each) <= limit]);
  return mean([...groups.values()].map((passes) => passes.filter(Boolean).length / passes.length));
}

/** The smallest limit at which that share of the cases passes. */
export function limitFor(cases: readonly DetectorCase[], detector: Detector, share: number): number {
  const limits = cases.map(detector).sort((a, b) => a - b);
  return limits.find((limit) => passing(cases, detector, limit) >= share) ?? Number.POSITIVE_INFINITY;
}
