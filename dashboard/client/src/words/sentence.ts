import { headline, meanOf, type Reading } from '../../../../src/messages/scan-reading.ts';
import type { Counts, ScanRow } from '../../../protocol/events.ts';
import { axisTime } from '../state/row-times.ts';
import { trend } from '../state/trend.ts';
import { formatTime, formatValue, plural, withSign } from './format.ts';
import { shortReason } from './verdict-words.ts';

/**
 * What the sample is turning into and whether to believe it, in plain words: "Co: mean oxidation state +3.42 ± 0.12,
 * octahedral, oxidising since 14:02; 3 of 41 scans rejected for noise."
 * `rows`: the history that the page holds, oldest first.
 */
export function sentence(rows: readonly ScanRow[], counts: Counts, nowMs: number): string {
  const latest = rows.at(-1);
  if (!latest) return 'No scan of this sample has arrived yet.';
  const judged = rows.filter((row) => !isRejected(row));
  const newest = judged.at(-1);
  const doubts = doubted(counts);
  if (!newest) return `${latest.element}: no oxidation state can be read yet; ${doubts}.`;
  const reading = headline(newest)!;
  const parts = [
    `${newest.element}: ${valueWords(reading)}`,
    reading.verdict === 'ACCEPT' ? '' : `flagged for ${shortReason(reading.reason)}`,
    geometry(newest),
    development(judged, reading, nowMs) || changeWords(newest),
  ];
  const old = newest === latest ? '' : ` (last read at ${formatTime(axisTime(newest), nowMs)})`;
  return `${parts.filter(Boolean).join(', ')}${old}; ${doubts}.`;
}

const isRejected = (row: ScanRow): boolean => {
  const reading = headline(row);
  return reading === undefined || reading.verdict === 'REJECT' || reading.value === null;
};

/** Which way the values of all scans go that were judged, flagged ones too: their common error moves them together. */
function development(judged: readonly ScanRow[], { name, method }: Reading, nowMs: number): string {
  if (name !== 'OS') return '';
  // A standard that came in the middle of a run moves the values, not the sample.
  const series = judged.flatMap((row) => {
    const reading = headline(row);
    return reading?.name === 'OS' && reading.method === method
      ? [{ atMs: axisTime(row), value: reading.value! }]
      : [];
  });
  const way = trend(series, Math.max(LEAST_CHANGE, 3 * scatterOf(series)));
  if (!way) return '';
  const word = { rising: 'oxidising', falling: 'reducing', steady: 'steady' }[way.direction];
  return `${word} since ${formatTime(way.sinceMs, nowMs, nowMs - way.sinceMs < 10 * 60_000)}`;
}

/** Smaller changes of an oxidation state are not spoken of. */
const LEAST_CHANGE = 0.1;

/** Standard deviation of one value, by how much neighbours differ (median absolute difference). */
function scatterOf(series: readonly { readonly value: number }[]): number {
  const steps = series.slice(1).map(({ value }, i) => Math.abs(value - series[i]!.value));
  return (1.4826 / Math.SQRT2) * (steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0);
}

function valueWords({ name, value, low, high, method }: Reading): string {
  const text = formatValue(value, low, high);
  const mean = method === null ? '' : 'mean ';
  return name === 'OS' ? `${mean}oxidation state ${withSign(text)}` : `${mean}${name} ${text}`;
}

/** The change within the run, which is surer than the state itself; said only where its interval leaves out 0. */
function changeWords({ change }: ScanRow): string {
  const { name, value = null, low = null, high = null } = change ?? {};
  if (name !== 'OS' || value === null || low === null || high === null || low * high <= 0) return '';
  const size = formatValue(
    Math.abs(value),
    Math.min(Math.abs(low), Math.abs(high)),
    Math.max(Math.abs(low), Math.abs(high)),
  );
  return `${value > 0 ? 'risen' : 'fallen'} by ${size} since the reference scan of the run`;
}

/** Only words that the coordination number alone allows: four neighbours may be a tetrahedron or a square. */
function geometry(row: ScanRow): string {
  const cn = row.descriptors.find(({ name }) => name === 'CN');
  if (cn?.verdict === 'ACCEPT' && cn.value !== null)
    return cn.value === 6 ? 'octahedral' : `${cn.value}-fold coordinated`;
  const mean = meanOf(row, 'CN');
  if (mean?.verdict !== 'ACCEPT' || mean.value === null) return '';
  return `${formatValue(mean.value, mean.low, mean.high)} neighbours in the mean`;
}

/** `3 of 41 scans rejected for noise, 5 flagged`. */
function doubted({ scans, flagged, rejected, rejectedFor }: Counts): string {
  const share = (count: number) =>
    count === scans ? `all ${plural(scans, 'scan')}` : `${count} of ${plural(scans, 'scan')}`;
  if (rejected === 0)
    return flagged === 0 ? `all ${plural(scans, 'scan')} accepted` : `${share(flagged)} flagged`;
  const [main] = Object.entries(rejectedFor).sort(([, a], [, b]) => b - a);
  const why = main ? `${main[1] < rejected ? ', most' : ''} for ${shortReason(main[0])}` : '';
  return `${share(rejected)} rejected${why}${flagged === 0 ? '' : `, ${flagged} flagged`}`;
}
