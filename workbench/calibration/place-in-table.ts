import { type GateTable, type JudgedElement, judgedAs, noiseBinOf } from '../../src/gating/gate-table.ts';
import type { PlaceInTable } from '../../src/gating/judge-descriptors.ts';
import { metalOdds, outOfDistributionScore } from '../../src/gating/out-of-distribution.ts';
import type { HeldOutCase } from './judge-elements.ts';

/** The place of a case that the table can judge. */
export type JudgedPlace = PlaceInTable & { readonly element: JudgedElement; readonly tooNoisy: false };

/**
 * Where the gate would place a held-out case in a table that is still being made; null where it would judge nothing:
 * the table does not know the element, or the case is noisier than its last bin.
 */
export function placeInTable(
  table: GateTable,
  { prepared, distance, odds }: Pick<HeldOutCase, 'prepared' | 'distance' | 'odds'>,
): JudgedPlace | null {
  const element = judgedAs(table, prepared.input);
  const { bin, tooNoisy } = noiseBinOf(table, prepared.preparation.noise.sigma);
  if (element === undefined || tooNoisy) return null;
  const metal = element.metalRanges && metalOdds(prepared.input, table);
  const strangeness = outOfDistributionScore(distance, { ...odds, metal }, element, bin);
  return { element, bin, tooNoisy, strangeness };
}
