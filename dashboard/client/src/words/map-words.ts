import type { ScanRow } from '../../../protocol/events.ts';

/** How many scans lie on the map, and why others do not. */
export function mapWords(rows: readonly ScanRow[]): string {
  const newest = rows.at(-1);
  if (newest === undefined) return '';
  const unlike = rows.filter((row) => !row.mapPosition && isUnlike(row)).length;
  const unknown = rows.filter((row) => !row.mapPosition).length - unlike;
  const placed = rows.length - unlike - unknown;
  const sentences = [
    `${placed} of ${scansWords(rows.length)} lie on the map.`,
    unlike === 0
      ? ''
      : `${unlike} ${unlike === 1 ? 'is' : 'are'} unlike all that the model knows, and ${unlike === 1 ? 'lies' : 'lie'} nowhere on it.`,
    unknown === 0 ? '' : `Of ${unknown} no place is known.`,
    newest.mapPosition
      ? 'The newest stands between four ticks.'
      : isUnlike(newest)
        ? 'The newest is among those that lie nowhere.'
        : '',
  ];
  return sentences.filter((each) => each !== '').join(' ');
}

const isUnlike = ({ outOfDistributionScore: score, outOfDistributionLimit: limit }: ScanRow): boolean =>
  limit !== null && (score === null || score > limit); // a score that is infinite is null in a row

const scansWords = (count: number): string => `${count} ${count === 1 ? 'scan' : 'scans'}`;
