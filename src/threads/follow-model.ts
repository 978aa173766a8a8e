import type { Clock } from '../common/clock.ts';
import type { ModelIdentity } from '../messages/prediction.ts';
import { isNamed, parseModelName } from '../registry/model-name.ts';
import type { Logger, Metrics } from '../runtime/telemetry.ts';
import type { Compute } from './compute.ts';

/** Of a mounted ConfigMap, or over NFS, nobody is told of a change: the file is looked at. */
const LOOK_EVERY_MS = 2_000;
/** What was refused may be put right where it lies. */
const AGAIN_AFTER_MS = 30_000;

export type FollowModelOptions = {
  /** What an operator wants now, name@hash: the line of MODEL_FILE. */
  readonly wanted: () => Promise<string>;
  readonly inUse: () => ModelIdentity;
  /** Opens the model of that name, ready to judge. */
  readonly open: (name: string) => Promise<Compute>;
  /** Makes it the model in use. */
  readonly use: (model: Compute) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'modelRefused'>;
};

/** Why another model runs than the one that is wanted. */
export type RefusedModel = { readonly wanted: string; readonly reason: string; readonly since: string };

export type FollowedModel = {
  /** Null while the wanted model runs. */
  refused(): RefusedModel | null;
  /** Comes back when a change that has begun is over. */
  close(): Promise<void>;
};

/**
 * Keeps the model in use the one that an operator wants. One that cannot be had leaves the other in use; it is tried
 * again every half a minute, and at once when another is wanted.
 */
export function followModel(options: FollowModelOptions): FollowedModel {
  const { wanted, inUse, open, use, clock, logger, metrics } = options;
  const closing = new AbortController();
  let refused: RefusedModel | null = null;
  let triedAtMs = 0;

  async function look(): Promise<void> {
    let name = '';
    try {
      name = await wanted();
      if (!isNamed(parseModelName(name), inUse())) {
        if (refused?.wanted === name && clock.nowMs() - triedAtMs < AGAIN_AFTER_MS) return;
        await change(name);
      }
      refused = null;
      metrics.modelRefused.set(0);
    } catch (error) {
      refuse(name, error instanceof Error ? error.message : String(error));
    }
  }

  async function change(name: string): Promise<void> {
    const next = await open(name);
    if (closing.signal.aborted) return next.close();
    const former = inUse();
    use(next);
    logger.info({ former, model: next.identity }, 'another model judges from here on');
  }

  function refuse(name: string, reason: string): void {
    metrics.modelRefused.set(1);
    triedAtMs = clock.nowMs();
    if (refused?.wanted === name && refused.reason === reason) return;
    refused = { wanted: name, reason, since: new Date(clock.nowMs()).toISOString() };
    logger.error({ wanted: name, model: inUse() }, `the model in use stays: ${reason}`);
  }

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, closing.signal);
      if (!closing.signal.aborted) await look();
    }
  }

  const following = follow();
  return {
    refused: () => refused,
    async close() {
      closing.abort('closing'); // a reason given spares the making of an error with its stack
      await following;
    },
  };
}
