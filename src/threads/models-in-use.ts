import type { Knowledge } from '../knowledge/chain-knowledge.ts';
import type { ModelIdentity } from '../messages/prediction.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { OutcomesOfRecord, ScanChain } from '../scan-chain.ts';
import type { Compute } from './compute.ts';

/** A model as one piece of work sees it. */
export type ModelInUse = {
  readonly identity: ModelIdentity;
  /** Records that are asked for at about the same time are computed together. */
  readonly outcomesOf: (record: SourceRecord) => Promise<OutcomesOfRecord>;
  learn(knowledge: Knowledge): void;
};

export type ModelsInUse = {
  /** Of the model that work gets which begins now. */
  identity(): ModelIdentity;
  warmUp(): Promise<void>;
  /** Work that is of one model from its beginning to its end, whatever is swapped meanwhile. */
  withOne<Result>(work: (model: ModelInUse) => Promise<Result>): Promise<Result>;
  /** Tells every model that is in use. */
  learn(knowledge: Knowledge): void;
  /** The model of all work that begins from now on; the former one is closed when its last work has ended. */
  swap(next: Compute): void;
  close(): Promise<void>;
};

export type ModelsInUseOptions = {
  readonly first: Compute;
  /** Makes of a model's micro-batches an evaluator of single records: those of two models share no batch. */
  readonly batched: (run: ScanChain, compute: Compute) => (record: SourceRecord) => Promise<OutcomesOfRecord>;
  /** A model that is in use no more did not close. */
  readonly onError: (error: unknown) => void;
};

type Entry = { readonly compute: Compute; readonly model: ModelInUse; works: number };

/** The model in use, and while work of it lasts, the one before: docs/adr/0018. */
export function modelsInUse({ first, batched, onError }: ModelsInUseOptions): ModelsInUse {
  const entryOf = (compute: Compute): Entry => {
    const { identity, run, learn } = compute;
    return { compute, model: { identity, outcomesOf: batched(run, compute), learn }, works: 0 };
  };
  let current = entryOf(first);
  const inUse = new Set([current]);
  const closings = new Set<Promise<void>>();

  function closeWhenIdle(entry: Entry): void {
    if (entry === current || entry.works > 0 || !inUse.delete(entry)) return;
    const closing: Promise<void> = entry.compute
      .close()
      .catch(onError)
      .finally(() => void closings.delete(closing));
    closings.add(closing);
  }

  return {
    identity: () => current.model.identity,
    warmUp: () => current.compute.warmUp(),
    async withOne(work) {
      const entry = current;
      entry.works += 1;
      try {
        return await work(entry.model);
      } finally {
        entry.works -= 1;
        closeWhenIdle(entry);
      }
    },
    learn(knowledge) {
      for (const { model } of inUse) model.learn(knowledge);
    },
    swap(next) {
      const former = current;
      current = entryOf(next);
      inUse.add(current);
      closeWhenIdle(former);
    },
    async close() {
      await Promise.all([...closings, ...[...inUse].map(({ compute }) => compute.close())]);
    },
  };
}
