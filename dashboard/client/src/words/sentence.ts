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
  const accepted = rows.filter((row) => headline(row)?.verdict === 'ACCEPT');
  const good = accepted.at(-1);
  const doubts = doubted(counts);
  if (!good)
    return `${latest.element}: no oxidation state can be trusted yet${changeWords(latest)}; ${doubts}.`;
  const first = headline(good)!;
  const parts = [`${good.element}: ${valueWords(first)}`, geometry(good), development(accepted, first)];
  const old = good === latest ? '' : ` (last accepted at ${formatTime(axisTime(good), nowMs)})`;
  return `${parts.filter(Boolean).join(', ')}${old}; ${doubts}.`;

  function development(points: readonly ScanRow[], { name, method, low, high }: Reading): string {
    if (name !== 'OS') return '';
    // A standard that came in the middle of a run moves the values, not the sample.
    const series = points.flatMap((row) => {
      const reading = headline(row);
      return reading?.name === 'OS' && reading.method === method && reading.value !== null
        ? [{ atMs: axisTime(row), value: reading.value }]
        : [];
    });
    const tolerance = Math.max(0.1, ((high ?? 0) - (low ?? 0)) / 4);
    const way = trend(series, tolerance);
    if (!way) return '';
    const word = { rising: 'oxidising', falling: 'reducing', steady: 'steady' }[way.direction];
    return `${word} since ${formatTime(way.sinceMs, nowMs, nowMs - way.sinceMs < 10 * 60_000)}`;
  }
}

function valueWords({ name, value, low, high, method }: Reading): string {
  const text = formatValue(value, low, high);
  const mean = method === null ? '' : 'mean ';
  return name === 'OS' ? `${mean}oxidation state ${withSign(text)}` : `${mean}${name} ${text}`;
}

/**
 * Where no state is sure, its change within the run still may be; said only where its interval leaves out 0, and not of
 * a scan of which nothing is known.
 */
function changeWords(row: ScanRow): string {
  const { change } = row;
  if (headline(row)?.verdict === 'REJECT') return '';
  const { name, value = null, low = null, high = null } = change ?? {};
  if (name !== 'OS' || value === null || low === null || high === null || low * high <= 0) return '';
  const size = formatValue(
    Math.abs(value),
    Math.min(Math.abs(low), Math.abs(high)),
    Math.max(Math.abs(low), Math.abs(high)),
  );
  return `, but it ${value > 0 ? 'rose' : 'fell'} by ${size} since the reference scan of the run`;
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
