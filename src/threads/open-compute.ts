import { availableParallelism } from 'node:os';
import type { FoundModel } from '../bundle/find-model.ts';
import type { Clock } from '../common/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/telemetry.ts';
import type { Compute } from './compute.ts';
import { type ChainSettings, openChain } from './open-chain.ts';
import { type ThreadPoolOptions, threadPool } from './thread-pool.ts';

/**
 * A model with all that is computed around it, in this thread or on as many others as WORKERS says.
 * @throws FatalError where it cannot be opened
 */
export async function openCompute(
  { directory, hash }: FoundModel,
  config: Pick<Config, 'WORKERS' | 'MODEL_ENGINE' | 'BATCH_MAX_SIZE' | 'SCHEMA_REGISTRY_URL' | 'LEAST_TRUST'>,
  clock: Clock,
  logger: Logger,
  told: Required<Pick<ThreadPoolOptions, 'known' | 'onUnreadable'>>,
): Promise<Compute> {
  const cores = availableParallelism();
  const threads = config.WORKERS ?? cores - 1;
  const settings: ChainSettings = {
    ...{ modelDir: directory, modelHash: hash, engine: config.MODEL_ENGINE },
    engineThreads: Math.max(1, Math.min(4, threads === 0 ? cores : Math.floor((cores - 1) / threads))),
    maxBatch: config.BATCH_MAX_SIZE,
    hasRegistry: config.SCHEMA_REGISTRY_URL !== undefined,
    leastTrust: config.LEAST_TRUST,
  };
  const onBug = (stage: string, error: unknown) =>
    logger.error({ stage, err: error }, 'a stage failed on a scan');
  if (threads === 0) return { ...(await openChain(settings, clock.nowMs, onBug, told)), threads };
  const onDeath = (error: Error) =>
    logger.error({ err: error }, 'a worker thread died; another computes its batches again');
  const warned = new Set<string>(); // each thread says it
  const onWarning = (message: string) => {
    if (!warned.has(message)) logger.warn(message);
    warned.add(message);
  };
  const pool = await threadPool({ threads, settings, onBug, onDeath, onWarning, ...told });
  return { ...pool, warmUp: async () => {} }; // its threads are warm when they are ready
}
