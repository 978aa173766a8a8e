import type { RunRow } from '../../../protocol/events.ts';
import { formatTime } from './format.ts';

const HOW = { SUCCESS: 'ended', ABORT: 'was aborted', FAIL: 'failed' } as const;

/** How a run has ended, and when: `run ended at 14:02:11`. */
export function runEndWords({ endedAt, exitStatus }: RunRow, nowMs: number): string {
  const how = HOW[exitStatus ?? 'SUCCESS'];
  return endedAt === null ? `run ${how}` : `run ${how} at ${formatTime(endedAt, nowMs)}`;
}
