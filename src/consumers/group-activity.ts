import type { Consumer } from 'kafkajs';

/** What went well. A heartbeat shows membership, not work. */
export type Step = 'heartbeat' | 'fetch' | 'claim' | 'commit';

export type Readiness = { readonly ok: boolean; readonly detail: Readonly<Record<string, unknown>> };

/**
 * What a member of a consumer group did of late, and whether it may be called ready for work:
 * - it is a member of its group, and
 * - within the window it had an answer to a fetch (an empty one, too), a claim or a commit, and
 * - no partition of its own has waited for a claim or a commit for longer than the window.
 * A member without partitions, since there are more members than partitions, is ready as a spare while its heartbeats
 * are answered: it takes over within a session when another dies.
 */
export type GroupActivity = {
  readonly partitions: () => readonly string[];
  joined(partitions: readonly string[]): void;
  left(because: string): void;
  succeeded(step: Step): void;
  /** A partition waits: a claim or a commit of it failed. Of one that another has by now nothing is noted. */
  waits(partition: string, on: 'claim' | 'commit', because: string): void;
  /** It was claimed, or a batch of it committed. Claims that succeed between commits that fail end no waiting. */
  settled(partition: string, on: 'claim' | 'commit'): void;
  readiness(): Readiness;
};

export function groupActivity(nowMs: () => number, withinMs: number): GroupActivity {
  let outside: string | null = 'has not joined yet';
  let assigned: readonly string[] = [];
  const lastMs = new Map<Step, number>();
  const waiting = new Map<string, { readonly sinceMs: number; on: 'claim' | 'commit'; because: string }>();

  const seconds = (sinceMs: number) => Math.round((nowMs() - sinceMs) / 1000);
  const isRecent = (step: Step) => nowMs() - (lastMs.get(step) ?? Number.NEGATIVE_INFINITY) <= withinMs;

  function reason(): string | null {
    if (outside !== null) return `not in the consumer group: ${outside}`;
    if (assigned.length === 0) {
      return isRecent('heartbeat') ? null : `the group answered no heartbeat within ${withinMs / 1000} s`;
    }
    if (!isRecent('fetch') && !isRecent('claim') && !isRecent('commit'))
      return `no fetch, claim or commit succeeded within ${withinMs / 1000} s`;
    for (const [partition, { sinceMs, on, because }] of waiting) {
      if (nowMs() - sinceMs > withinMs)
        return `partition ${partition} waits for a ${on} since ${seconds(sinceMs)} s: ${because}`;
    }
    return null;
  }

  return {
    partitions: () => assigned,
    joined(partitions) {
      outside = null;
      assigned = partitions;
      for (const name of waiting.keys()) if (!partitions.includes(name)) waiting.delete(name);
      lastMs.set('heartbeat', nowMs());
    },
    left(because) {
      outside = because;
    },
    succeeded: (step) => void lastMs.set(step, nowMs()),
    waits(partition, on, because) {
      if (!assigned.includes(partition)) return; // nobody here would settle it
      const known = waiting.get(partition);
      const sinceMs = known?.sinceMs ?? nowMs();
      waiting.set(partition, { sinceMs, on: known?.on === 'commit' ? 'commit' : on, because });
    },
    settled(partition, on) {
      if (on === 'commit' || waiting.get(partition)?.on === 'claim') waiting.delete(partition);
    },
    readiness() {
      const why = reason();
      const ages = [...lastMs].map(([step, atMs]) => [step, seconds(atMs)]);
      return {
        ok: why === null,
        detail: {
          ...(why === null ? {} : { reason: why }),
          ...(why === null && assigned.length === 0 ? { spare: true } : {}),
          secondsSince: Object.fromEntries(ages),
        },
      };
    },
  };
}

/** Notes what kafkajs says of a consumer. `names`: how its assigned partitions are called. */
export function watchGroup(
  consumer: Consumer,
  activity: GroupActivity,
  names: (assignment: Readonly<Record<string, number[]>>) => readonly string[],
): void {
  const { events } = consumer;
  consumer.on(events.GROUP_JOIN, ({ payload }) => activity.joined(names(payload.memberAssignment)));
  consumer.on(events.REBALANCING, () => activity.left('it shares its partitions out anew'));
  consumer.on(events.CRASH, ({ payload }) => activity.left(payload.error.message));
  consumer.on(events.STOP, () => activity.left('stopped'));
  consumer.on(events.HEARTBEAT, () => activity.succeeded('heartbeat'));
  // Not the event FETCH: it comes after fetches that failed, too.
  consumer.on(events.REQUEST, ({ payload }) => {
    if (payload.apiName === 'Fetch') activity.succeeded('fetch');
  });
}
