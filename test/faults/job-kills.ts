import type { JobParts } from '../../src/flows/job-flow.ts';
import { inSmallBatches } from './small-batches.ts';

const { FAULT_KILL_AT, FAULT_KILL_WHEN, FAULT_FORGET } = process.env;

/**
 * A stream job with faults put in on purpose: it is killed at commit number FAULT_KILL_AT, before or after it as
 * FAULT_KILL_WHEN says, or, where that one is refused, after the next; FAULT_FORGET=states: it goes on without what
 * it knew.
 */
export function withKills<State>(parts: JobParts<State>): JobParts<State> {
  let commits = 0;
  const killAt = (commit: number, when: string): void => {
    if (commit >= Number(FAULT_KILL_AT) && FAULT_KILL_WHEN === when) process.kill(process.pid, 'SIGKILL');
  };
  return {
    ...parts,
    source: inSmallBatches(parts.source),
    ...(FAULT_FORGET === 'states' && { step: (record) => parts.step(record, () => null) }),
    publisher: {
      ...parts.publisher,
      async commit(...given) {
        commits += 1;
        const commit = commits; // partitions commit beside each other
        killAt(commit, 'before');
        const result = await parts.publisher.commit(...given);
        killAt(commit, 'after');
        return result;
      },
    },
  };
}
