import type { Verdict } from '../src/messages/judgement.ts';
import type { Breaches, Counts, Seen, Tally } from './tally.ts';

const VERDICTS: readonly Verdict[] = ['ACCEPT', 'FLAG', 'REJECT'];
const LITHIUM_BINS = 10;
const SHOWN_BREACHES = 5;

/**
 * The demo's last words: verdicts, dead letters, latency, and what the model read along the charge against the truth.
 */
export function summary(tally: Tally): string {
  const scans = tally.scans();
  const events = scans.flatMap(({ outcomes }) => outcomes);
  return [
    verdictTable(events),
    deadLetterTable(scans),
    oxidationTable(scans),
    latencyLine(tally),
    breachLines(tally.breaches(), scans.length),
  ].join('\n\n');
}

function verdictTable(events: readonly Seen[]): string {
  const verdicts = events.flatMap((event) =>
    event.kind === 'descriptors' ? Object.entries(event.verdicts) : [],
  );
  const names = [...new Set(verdicts.map(([name]) => name))];
  const count = (name: string, verdict: Verdict): string =>
    `${verdicts.filter(([n, v]) => n === name && v === verdict).length}`;
  return table(
    ['descriptor', 'accepted', 'flagged', 'rejected'],
    names.map((name) => [name, ...VERDICTS.map((verdict) => count(name, verdict))]),
  );
}

function deadLetterTable(scans: ReturnType<Tally['scans']>): string {
  const rows = new Map<string, number>();
  for (const { scan, outcomes } of scans) {
    for (const outcome of outcomes) {
      if (outcome.kind !== 'dead-letter') continue;
      const row = `${outcome.reason}\t${scan.fault ?? 'none'}`;
      rows.set(row, (rows.get(row) ?? 0) + 1);
    }
  }
  return table(
    ['dead letters, reason', 'fault put in', 'scans'],
    [...rows].sort().map(([row, n]) => [...row.split('\t'), `${n}`]),
  );
}

type MeanReading = {
  readonly truth: number;
  readonly read: number;
  readonly low: number;
  readonly high: number;
  readonly accepted: boolean;
};

/**
 * The true mean oxidation state beside the mean that was read. Rows from x = 1 to 0; a scan belongs to the nearest
 * tenth, and a row has the means over its scans.
 */
function oxidationTable(scans: ReturnType<Tally['scans']>): string {
  const readings = scans.flatMap(({ scan, outcomes }) =>
    outcomes.flatMap((outcome): MeanReading[] => {
      if (outcome.kind !== 'descriptors' || outcome.meanOxidationState === null) return [];
      const { value, low, high, verdict } = outcome.meanOxidationState;
      return [{ truth: 4 - scan.lithium, read: value, low, high, accepted: verdict === 'ACCEPT' }];
    }),
  );
  const rows = Array.from({ length: LITHIUM_BINS + 1 }, (_, i) => {
    const lithium = 1 - i / LITHIUM_BINS;
    const here = readings.filter(({ truth }) => Math.round((4 - truth) * LITHIUM_BINS) === LITHIUM_BINS - i);
    const accepted = here.filter((reading) => reading.accepted);
    return [
      lithium.toFixed(1),
      shownMean(here.map(({ truth }) => truth)),
      ...meansOf(accepted),
      ...meansOf(here),
    ];
  });
  const rest = ['low', 'high', 'holds', 'scans'];
  const head = ['Li x', 'true mean OS', 'accepted: read', ...rest, 'all: read', ...rest];
  const lines = [
    errorLine(
      'accepted',
      readings.filter(({ accepted }) => accepted),
    ),
    errorLine('all', readings),
  ];
  return [table(head, rows), ...lines].join('\n');
}

/** What was read, the interval's ends, how many intervals hold the truth, of how many scans. */
const meansOf = (readings: readonly MeanReading[]): string[] => [
  shownMean(readings.map(({ read }) => read)),
  shownMean(readings.map(({ low }) => low)),
  shownMean(readings.map(({ high }) => high)),
  `${readings.filter(holds).length}`,
  `${readings.length}`,
];

const holds = ({ truth, low, high }: MeanReading): boolean => low <= truth && truth <= high;

const shownMean = (values: readonly number[]): string =>
  values.length === 0 ? '-' : mean(values).toFixed(2);

function errorLine(which: string, readings: readonly MeanReading[]): string {
  if (readings.length === 0) return `Mean OS of ${which} scans: none was read`;
  const error = mean(readings.map(({ truth, read }) => Math.abs(read - truth)));
  const held = readings.filter(holds).length;
  const share = Math.round((100 * held) / readings.length);
  return (
    `Mean OS of ${which} scans: off by ${error.toFixed(3)} in the mean; ` +
    `the interval holds the truth in ${held} of ${readings.length} (${share}%)`
  );
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The line that the demo keeps up to date while it runs. */
export function progressLine({ published, descriptors, deadLetters, lag, p50Ms, p99Ms }: Counts): string {
  const latency = `latency p50 ${milliseconds(p50Ms)}, p99 ${milliseconds(p99Ms)}`;
  return `${published} scans in, ${descriptors} descriptors out, ${deadLetters} dead letters, lag ${lag}, ${latency}`;
}

function latencyLine(tally: Tally): string {
  const { p50Ms, p99Ms, published, descriptors, deadLetters } = tally.counts();
  const counted = `${published} scans in, ${descriptors} descriptors and ${deadLetters} dead letters out`;
  const latency = `p50 ${milliseconds(p50Ms)}, p99 ${milliseconds(p99Ms)}`;
  return `${counted}; end of scan to committed outcome ${latency}`;
}

const milliseconds = (ms: number): string => (Number.isFinite(ms) ? `${Math.round(ms)} ms` : '-');

export const isKept = ({ missing, doubled, outOfOrder }: Breaches): boolean =>
  missing.length + doubled.length + outOfOrder.length === 0;

function breachLines(breaches: Breaches, scans: number): string {
  if (isKept(breaches))
    return `Exactly once: yes. Each of ${scans} scans has one outcome, each sample in order.`;
  const lines = Object.entries(breaches)
    .filter(([, ids]) => ids.length > 0)
    .map(([what, ids]) => `  ${what}: ${ids.length}, such as ${ids.slice(0, SHOWN_BREACHES).join(', ')}`);
  return ['Exactly once: NO.', ...lines].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (/^[\d.-]+$/.test(cell) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
