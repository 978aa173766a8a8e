import { timeFlag } from '../cli/time-flag.ts';

/** Which scans of a topic: those of which all that is said here holds. */
export type Selection = {
  readonly run?: string;
  readonly sample?: string;
  readonly beamline?: string;
  readonly element?: string;
  /** ms since 1970: scans that end from here on, */
  readonly fromMs?: number;
  /** and before this. */
  readonly untilMs?: number;
};

export const SELECTION_FLAGS = {
  run: { type: 'string' },
  sample: { type: 'string' },
  beamline: { type: 'string' },
  element: { type: 'string' },
  from: { type: 'string' },
  until: { type: 'string' },
} as const;

export const SELECTION_HELP = `  --run R           scans of this runId
  --sample S        of this sampleId
  --beamline B      of this beamline
  --element E       of this absorber, such as Co
  --from T, --until T
                    that end from T on, and before T, such as 2026-11-26T08:00:00Z`;

/** @throws Error where a time is none */
export function selectionOf(
  flags: Readonly<Partial<Record<keyof typeof SELECTION_FLAGS, string>>>,
): Selection {
  const { run, sample, beamline, element } = flags;
  const [fromMs, untilMs] = [timeFlag('from', flags.from), timeFlag('until', flags.until)];
  if (fromMs !== null && untilMs !== null && untilMs <= fromMs)
    throw new Error('Expected --until to be later than --from');
  return {
    ...(run !== undefined && { run }),
    ...(sample !== undefined && { sample }),
    ...(beamline !== undefined && { beamline }),
    ...(element !== undefined && { element }),
    ...(fromMs !== null && { fromMs }),
    ...(untilMs !== null && { untilMs }),
  };
}

/** Names and end of a scan, as it and its event have them. */
type Selectable = {
  readonly runId: string;
  readonly sampleId: string;
  readonly beamline: string;
  readonly element: string;
};

/** @param endedAtMs end of the scan, ms since 1970 */
export function selects(of: Selection, scan: Selectable, endedAtMs: number): boolean {
  return (
    (of.run === undefined || of.run === scan.runId) &&
    (of.sample === undefined || of.sample === scan.sampleId) &&
    (of.beamline === undefined || of.beamline === scan.beamline) &&
    (of.element === undefined || of.element.toLowerCase() === scan.element.toLowerCase()) &&
    (of.fromMs === undefined || endedAtMs >= of.fromMs) &&
    (of.untilMs === undefined || endedAtMs < of.untilMs)
  );
}
