import type { Knowledge } from '../knowledge/chain-knowledge.ts';
import type { ModelIdentity } from '../messages/prediction.ts';
import type { ScanChain } from '../scan-chain.ts';

/**
 * decode -> split -> prepare -> predict -> gate -> encode of a micro-batch by one model, in this thread or in others.
 */
export type Compute = {
  readonly identity: ModelIdentity;
  /** Threads beside this one; 0: it computes itself. */
  readonly threads: number;
  /** Evaluates empty batches, so that the first real one is not slow. */
  warmUp(): Promise<void>;
  readonly run: ScanChain;
  /** Tells whoever computes of standards and references, before what is computed next. */
  learn(knowledge: Knowledge): void;
  /** Lets batches in work end. */
  close(): Promise<void>;
};
