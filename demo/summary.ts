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

/** Rows from x = 1 to 0; a scan belongs to the nearest tenth. */
function oxidationTable(scans: ReturnType<Tally['scans']>): string {
  const readings = scans.flatMap(({ scan, outcomes }) =>
    outcomes.flatMap((outcome) =>
      outcome.kind === 'descriptors'
        ? [
            {
              truth: 4 - scan.lithium,
              read: outcome.expectedOxidationState,
              accepted: outcome.verdicts.OS === 'ACCEPT',
            },
          ]
        : [],
    ),
  );
  const rows = Array.from({ length: LITHIUM_BINS + 1 }, (_, i) => {
    const lithium = 1 - i / LITHIUM_BINS;
    const here = readings.filter(({ truth }) => Math.round((4 - truth) * LITHIUM_BINS) === LITHIUM_BINS - i);
    const accepted = here.filter((reading) => reading.accepted);
    const shown = (values: readonly number[]): string =>
      values.length === 0 ? '-' : mean(values).toFixed(2);
    return [
      lithium.toFixed(1),
      shown(here.map(({ truth }) => truth)),
      shown(accepted.map(({ read }) => read)),
      `${accepted.length}`,
      shown(here.map(({ read }) => read)),
      `${here.length}`,
    ];
  });
  const head = ['Li x', 'true mean OS', 'read, accepted', 'scans', 'read, all', 'scans'];
  return `${table(head, rows)}\n${errorLine(
    'accepted',
    readings.filter(({ accepted }) => accepted),
  )}; ${errorLine('all', readings)}`;
}

function errorLine(
  which: string,
  readings: readonly { readonly truth: number; readonly read: number }[],
): string {
  if (readings.length === 0) return `no ${which} scans`;
  const error = mean(readings.map(({ truth, read }) => Math.abs(read - truth)));
  return `mean absolute error over ${which} scans ${error.toFixed(3)}`;
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
