import { modelFolder } from '../src/cli/model-folder.ts';
import { type OpenChain, openChain } from '../src/threads/open-chain.ts';

/** The processor's own chain within this process, on one thread; a stage that fails ends the benchmark. */
export const benchChain = (model: string): Promise<OpenChain> =>
  openChain(
    { modelDir: modelFolder(model), engine: 'auto', engineThreads: 1, maxBatch: 64 },
    Date.now,
    (stage, error) => {
      throw new Error(`${stage} failed`, { cause: error });
    },
  );
