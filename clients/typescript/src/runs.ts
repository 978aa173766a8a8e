import type { Run } from './generated.ts';

/** A run that has started; `startedAt`: ms since 1970 [now]. */
export type NewRun = Pick<Run, 'runId' | 'beamline'> &
  Partial<Pick<Run, 'startedAt' | 'origin' | 'metadata'>>;

/** A run that has ended; `endedAt`: ms since 1970 [now], no scan of it ends later; `exitStatus` [SUCCESS]. */
export type EndOfRun = NewRun & Partial<Pick<Run, 'endedAt' | 'exitStatus' | 'reason' | 'scans'>>;

const NOTHING_SAID = { origin: 'LIVE', metadata: {}, reason: '', scans: null } as const;

export const startedRun = (run: NewRun, nowMs: number): Run => ({
  ...{ ...NOTHING_SAID, startedAt: nowMs, endedAt: null, exitStatus: null },
  ...run,
  state: 'STARTED',
});

export const endedRun = (run: EndOfRun, nowMs: number): Run => ({
  ...{ ...NOTHING_SAID, startedAt: null, endedAt: nowMs, exitStatus: 'SUCCESS' },
  ...run,
  state: 'ENDED',
});
