import type { Standard } from '../messages/standard.ts';
import { alignedRows } from './predict-text.ts';

/** A line a standard, for people. */
export const standardRows = (standards: readonly Standard[]): readonly string[] =>
  alignedRows(standards.map(row));

function row({
  standardId,
  beamline,
  element,
  edge,
  known,
  validFromMs,
  validUntilMs,
  scan,
}: Standard): string[] {
  const what = known.kind === 'foil' ? 'foil' : `OS ${known.value} ± ${known.uncertainty}`;
  const from = new Date(validFromMs).toISOString();
  const until = validUntilMs === null ? '' : ` until ${new Date(validUntilMs).toISOString()}`;
  return [
    standardId,
    beamline,
    `${element} ${edge}`,
    what,
    `from ${from}${until}`,
    scan.metadata.file ?? scan.scanId,
  ];
}
