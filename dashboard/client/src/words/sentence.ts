import type { Counts, DescriptorRow, ScanRow } from '../../../protocol/events.ts';
import { axisTime } from '../state/row-times.ts';
import { trend } from '../state/trend.ts';
import { formatTime, formatValue, plural, withSign } from './format.ts';
import { shortReason } from './verdict-words.ts';

/** The descriptor that stands for a scan in lists: the oxidation state where there is one. */
export const headline = (row: ScanRow): DescriptorRow | undefined =>
  row.descriptors.find(({ name }) => name === 'OS') ?? row.descriptors[0];

/**
 * What the sample is turning into and whether to believe it, in plain words:
 * "Co +3.4 ± 0.1, octahedral, oxidising since 14:02; 3 of 41 scans rejected for noise."
 * `rows`: the history that the page holds, oldest first.
 */
export function sentence(rows: readonly ScanRow[], counts: Counts, nowMs: number): string {
  const latest = rows.at(-1);
  if (!latest) return 'No scan of this sample has arrived yet.';
  const accepted = rows.filter((row) => headline(row)?.verdict === 'ACCEPT');
  const good = accepted.at(-1);
  const doubts = doubted(counts);
  if (!good) return `${latest.element}: no oxidation state can be trusted yet; ${doubts}.`;
  const os = headline(good)!;
  const value = formatValue(os.expected, os.low, os.high);
  const said = os.name === 'OS' ? withSign(value) : `${os.name} ${value}`;
  const parts = [`${good.element} ${said}`, geometry(good), development(accepted)].filter(Boolean);
  const old = good === latest ? '' : ` (last accepted at ${formatTime(axisTime(good), nowMs)})`;
  return `${parts.join(', ')}${old}; ${doubts}.`;

  function development(points: readonly ScanRow[]): string {
    const series = points.flatMap((row) => {
      const first = headline(row);
      return first?.name === 'OS' && first.expected !== null
        ? [{ atMs: axisTime(row), value: first.expected }]
        : [];
    });
    const tolerance = Math.max(0.1, ((os.high ?? 0) - (os.low ?? 0)) / 4);
    const way = trend(series, tolerance);
    if (!way) return '';
    const word = { rising: 'oxidising', falling: 'reducing', steady: 'steady' }[way.direction];
    return `${word} since ${formatTime(way.sinceMs, nowMs, nowMs - way.sinceMs < 10 * 60_000)}`;
  }
}

/** Only words that the coordination number alone allows: four neighbours may be a tetrahedron or a square. */
function geometry(row: ScanRow): string {
  const cn = row.descriptors.find(({ name }) => name === 'CN');
  if (cn?.verdict !== 'ACCEPT' || cn.value === null) return '';
  if (cn.value === 6) return 'octahedral';
  return `${cn.value}-fold coordinated`;
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

/** What is shown of a descriptor: the mean over the classes, which a mixture has; of a symmetry no mean makes sense. */
export const shownValue = ({ name, value, expected }: DescriptorRow): number | null =>
  name === 'PSGO' ? value : expected;
