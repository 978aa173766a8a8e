import { timeFlag } from './time-flag.ts';

/** Flags that say which scans of a topic, as `selects` takes them. */
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

/**
 * What these flags ask for: names as they are given, times in ms since 1970. What is not asked for is not there.
 * @throws Error where a time is none, or --until is not later than --from
 */
export function selectionOf(flags: Readonly<Partial<Record<keyof typeof SELECTION_FLAGS, string>>>) {
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
