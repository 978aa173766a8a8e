import type { Origin } from './scan.ts';

const RUN_STATES = ['STARTED', 'ENDED'] as const;
export const EXIT_STATUSES = ['SUCCESS', 'ABORT', 'FAIL'] as const;
export type ExitStatus = (typeof EXIT_STATUSES)[number];

/** That a run has started, or that it has ended (schemas/run.v1.avsc). Times are ms since 1970, UTC. */
export type Run = {
  readonly runId: string;
  readonly beamline: string;
  readonly state: (typeof RUN_STATES)[number];
  /** Null where who says that it has ended does not know. */
  readonly startedAt: number | null;
  /** Of a run that has ended, as the three that follow. */
  readonly endedAt: number | null;
  readonly exitStatus: ExitStatus | null;
  /** Why it has ended, a sentence for people; may be empty. */
  readonly reason: string;
  /** How many scans of it were published; null where that is not known. */
  readonly scans: number | null;
  readonly origin: Origin;
  readonly metadata: Readonly<Record<string, string>>;
};

/** A run that has started, with what is known of it. */
export const startedRun = (
  run: Pick<Run, 'runId' | 'beamline' | 'origin'> & { readonly startedAt: number },
  metadata: Run['metadata'] = {},
): Run => ({
  ...run,
  ...{ state: 'STARTED', endedAt: null, exitStatus: null, reason: '', scans: null, metadata },
});

/** The same run when it has ended. */
export const endedRun = (
  started: Run,
  how: { readonly endedAt: number; readonly exitStatus: ExitStatus } & Partial<Pick<Run, 'reason' | 'scans'>>,
): Run => ({ ...started, state: 'ENDED', ...how });
