import type { Producer } from 'kafkajs';
import { endedRun, type Run, startedRun } from '../../src/messages/run.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { encodeRun } from '../../src/wire/run-codec.ts';

/** Runs of which scans are published, with their starts and ends in the topic of runs. */
export type AnnouncedRuns = {
  /** To be called before a scan is published: the first of a run starts it. */
  before(scan: Pick<Scan, 'runId' | 'beamline' | 'origin' | 'startedAtMs'>): Promise<void>;
  /** All of them have ended now; `isWhole`: as planned, not by an interruption. */
  end(isWhole: boolean): Promise<void>;
};

export function announcedRuns(producer: Producer, topic: string): AnnouncedRuns {
  const runs = new Map<string, { readonly started: Run; scans: number }>();
  const send = (run: Run) => producer.send({ topic, acks: -1, messages: [encodeRun(run)] });
  return {
    async before({ runId, beamline, origin, startedAtMs }) {
      const known = runs.get(runId);
      if (known !== undefined) {
        known.scans += 1;
        return;
      }
      const started = startedRun({ runId, beamline, origin, startedAt: startedAtMs });
      runs.set(runId, { started, scans: 1 });
      await send(started);
    },
    async end(isWhole) {
      const how = isWhole
        ? ({ exitStatus: 'SUCCESS' } as const)
        : ({ exitStatus: 'ABORT', reason: 'interrupted' } as const);
      for (const { started, scans } of runs.values())
        await send(endedRun(started, { ...how, scans, endedAt: Date.now() }));
      runs.clear();
    },
  };
}
