import { openBundle } from './bundle.ts';
import type { Clock } from './clock.ts';
import { makeGate } from './gating/gate.ts';
import type { ModelIdentity } from './messages/prediction.ts';
import { type EngineName, loadModel } from './model/load-model.ts';
import { type ScanChain, scanChain } from './scan-chain.ts';
import { makePrepare } from './spectra/prepare.ts';
import { encodeDescriptors } from './wire/descriptors-codec.ts';
import { decodeScan } from './wire/scan-codec.ts';

export type ChainSettings = {
  readonly modelDir: string;
  readonly engine: 'auto' | EngineName;
  /** Threads that the engine may use. */
  readonly engineThreads: number;
  /** Scans of the largest batch. */
  readonly maxBatch: number;
};

export type OpenChain = {
  readonly identity: ModelIdentity;
  readonly run: ScanChain;
  warmUp(): Promise<void>;
  close(): Promise<void>;
};

/**
 * A model from its folder with all that is computed around it, for the thread that calls this.
 * @throws FatalError as openBundle and loadModel
 */
export async function openChain(
  { modelDir, engine, engineThreads, maxBatch }: ChainSettings,
  nowMs: Clock['nowMs'],
  onBug: (stage: string, error: unknown) => void,
): Promise<OpenChain> {
  const bundle = openBundle(modelDir);
  const model = await loadModel(bundle, { engine, threads: engineThreads });
  const run = scanChain({
    decode: decodeScan,
    prepare: makePrepare(bundle.manifest),
    model,
    gate: makeGate(bundle.gate),
    encode: encodeDescriptors,
    nowMs,
    onBug,
  });
  return {
    identity: model.identity,
    run,
    warmUp: () => model.warmUp([1, maxBatch]),
    close: () => model.close(),
  };
}
