import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectionOptions, type Job, Queue, WaitingError, Worker } from 'bullmq';
import { FatalError } from '../../src/common/errors.ts';
import type { SiteRecord } from './site-record.ts';
import type { Task } from './tasks.ts';
import type { DescribedSite } from './write-deck.ts';

/** Sites wait here for machines that compute them; of a facility's Redis one key prefix, `bull:xanes-sites`. */
const QUEUE = 'xanes-sites';

/** All that a machine needs to compute a site: crystals and labels stay where it was asked for. */
export type SiteJob = { readonly task: Omit<Task, 'request'>; readonly site: DescribedSite };

/** A machine that was lost holds its site no longer than this; then another takes it. */
const LOCK_MS = 20_000;
const STALLED_MS = 10_000;
/** A site that has taken so many machines with it is a failure. */
const MAX_STALLED = 3;
const POLL_MS = 1000;
/** Read at once from what is done: some MB. */
const PAGE = 200;

/**
 * @param url redis:// or rediss://
 * @throws FatalError where the address is none
 */
export function queueConnection(url: string, flag: string): ConnectionOptions {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol))
    throw new FatalError(`Expected --${flag} like redis://host:6379, got ${url}`);
  return { url, maxRetriesPerRequest: null };
}

/** Where what was computed, or failed, is kept. Each is called once for a site, whatever happened before. */
export type Collector = {
  done(record: SiteRecord): void;
  failed(id: string, reason: string): void;
};

/**
 * Puts sites into the queue, unless they are there, and collects what becomes of them, in whatever order they end. A
 * site leaves the queue only when it was handed over, so that an interrupt loses nothing: sites go on being computed,
 * and the next call collects them.
 * @param jobOf what a machine needs for a site, asked for only where the queue does not have it
 * @param signal ends the collecting
 */
export async function throughQueue(
  connection: ConnectionOptions,
  ids: readonly string[],
  jobOf: (id: string) => Promise<SiteJob>,
  collector: Collector,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<void> {
  const queue = new Queue<SiteJob, SiteRecord>(QUEUE, { connection });
  queue.on('error', (error) => say(`queue: ${error.message}`));
  const open = new Set(ids);
  try {
    for (const id of ids) {
      signal.throwIfAborted();
      if ((await queue.getJob(jobIdOf(id))) !== undefined) continue;
      try {
        await queue.add('site', await jobOf(id), { jobId: jobIdOf(id) });
      } catch (error) {
        signal.throwIfAborted();
        open.delete(id);
        collector.failed(id, (error as Error).message);
      }
    }
    let told = '';
    while (open.size > 0) {
      await collect(queue, open, collector);
      const { active = 0, waiting = 0 } = await queue.getJobCounts('active', 'waiting');
      const workers = await queue.getWorkersCount();
      const now = `${ids.length - open.size} of ${ids.length} sites; ${active} on ${workers} workers, ${waiting} waiting`;
      if (now !== told) say(now);
      told = now;
      if (open.size > 0) await pause(POLL_MS, undefined, { signal });
    }
  } finally {
    await queue.close();
  }
}

async function collect(
  queue: Queue<SiteJob, SiteRecord>,
  open: Set<string>,
  collector: Collector,
): Promise<void> {
  for (const state of ['completed', 'failed'] as const) {
    for (let from = 0; ; ) {
      const jobs: Job<SiteJob, SiteRecord>[] = await queue.getJobs([state], from, from + PAGE - 1, true);
      for (const job of jobs) {
        const { id } = job.data.task;
        if (!open.delete(id)) {
          from += 1; // another's
          continue;
        }
        if (state === 'completed') collector.done(job.returnvalue);
        else collector.failed(id, job.failedReason);
        await job.remove();
      }
      if (jobs.length < PAGE) break;
    }
  }
}

/**
 * Computes sites of the queue until the signal, or until the queue was empty for a while: sites that others are at may
 * yet be left to us.
 * @param compute one site; it is to end with our signal
 * @param concurrency sites at a time
 * @param idleS seconds after which it ends; undefined: never
 */
export async function workOnQueue(
  connection: ConnectionOptions,
  compute: (job: SiteJob) => Promise<SiteRecord>,
  { concurrency, idleS }: { readonly concurrency: number; readonly idleS: number | undefined },
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<void> {
  const queue = new Queue<SiteJob, SiteRecord>(QUEUE, { connection });
  const worker = new Worker<SiteJob, SiteRecord>(
    QUEUE,
    async (job, token) => {
      try {
        return await compute(job.data);
      } catch (error) {
        if (!signal.aborted) throw error;
        await job.moveToWait(token); // for another machine
        throw new WaitingError();
      }
    },
    {
      connection,
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_MS,
      maxStalledCount: MAX_STALLED,
    },
  );
  const tell = (error: Error) => say(`queue: ${error.message}`);
  queue.on('error', tell);
  worker.on('error', tell);
  try {
    let lastMs = performance.now();
    for (;;) {
      await pause(POLL_MS, undefined, { signal });
      if (idleS === undefined) continue;
      const { active = 0, waiting = 0 } = await queue.getJobCounts('active', 'waiting');
      if (active + waiting > 0) lastMs = performance.now();
      if (performance.now() - lastMs > 1000 * idleS) return say(`nothing to do for ${idleS} s`);
    }
  } finally {
    await worker.close();
    await queue.close();
  }
}

/** The queue takes no colon in an id. */
const jobIdOf = (id: string): string => encodeURIComponent(id);
