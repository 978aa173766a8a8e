import { openBundle } from '../bundle/bundle.ts';
import type { Clock } from '../common/clock.ts';
import { makeGate } from '../gating/gate.ts';
import { withLeastTrust } from '../gating/least-trust.ts';
import {
  type Knowledge,
  learnStandard,
  partitionsReferences,
  toldSchemas,
} from '../knowledge/chain-knowledge.ts';
import { placeOnMap } from '../knowledge/place-on-map.ts';
import { readStandardsWith } from '../knowledge/read-standards.ts';
import type { ModelIdentity } from '../messages/prediction.ts';
import type { EngineName } from '../model/engine.ts';
import { loadModel } from '../model/load-model.ts';
import { type ScanChain, scanChain } from '../scan-chain.ts';
import { makePrepareWithFoil } from '../spectra/prepare.ts';
import { splitSweeps } from '../spectra/split-sweeps.ts';
import { standardsTable } from '../standards/standards-table.ts';
import { encodeDescriptors } from '../wire/descriptors-codec.ts';
import { decodeScan } from '../wire/scan-codec.ts';

export type ChainSettings = {
  readonly modelDir: string;
  /** What the bundle there must be; none: whatever it is. A thread that takes another's place must find the same. */
  readonly modelHash?: string;
  readonly engine: 'auto' | EngineName;
  /** Threads that the engine may use. */
  readonly engineThreads: number;
  /** Scans of the largest batch. */
  readonly maxBatch: number;
  /** Whether scans may be in Confluent's wire format: their schemas are told. */
  readonly hasRegistry?: boolean;
  /** No value is accepted of less trust than this. */
  readonly leastTrust?: number;
};

export type OpenChain = {
  readonly identity: ModelIdentity;
  readonly run: ScanChain;
  learn(knowledge: Knowledge): void;
  warmUp(): Promise<void>;
  close(): Promise<void>;
};

type GateOfScans = ReturnType<typeof makeGate>;

export type ChainOptions = {
  /** Is told once of each standard that this model cannot read. */
  readonly onUnreadable?: (standardId: string, detail: string) => void;
  /** For tests: puts another gate in. */
  readonly adaptGate?: (gate: GateOfScans) => GateOfScans;
};

/**
 * A model from its folder with all that is computed around it, for the thread that calls this.
 * @throws FatalError as openBundle and loadModel
 */
export async function openChain(
  {
    modelDir,
    modelHash,
    engine,
    engineThreads,
    maxBatch,
    hasRegistry = false,
    leastTrust = 0,
  }: ChainSettings,
  nowMs: Clock['nowMs'],
  onBug: (stage: string, error: unknown) => void,
  { onUnreadable = () => {}, adaptGate = (gate) => gate }: ChainOptions = {},
): Promise<OpenChain> {
  const bundle = openBundle(modelDir, { hash: modelHash });
  const model = await loadModel(bundle, { engine, threads: engineThreads });
  const prepare = makePrepareWithFoil(bundle.manifest);
  const table = standardsTable();
  const references = partitionsReferences();
  const schemas = hasRegistry ? toldSchemas() : null;
  const run = scanChain({
    decode: (record) => decodeScan(record, schemas),
    split: splitSweeps,
    prepare,
    model,
    gate: adaptGate(makeGate(withLeastTrust(bundle.gate, leastTrust))),
    place: (...of) => placeOnMap(bundle.map, ...of),
    readStandards: readStandardsWith({
      manifest: bundle.manifest,
      prepare,
      predict: (inputs) => model.predict(inputs),
      applying: table.applying,
      onUnreadable: ({ standardId }, detail) => onUnreadable(standardId, detail),
    }),
    reference: references.of,
    encode: encodeDescriptors,
    nowMs,
    onBug,
  });
  return {
    identity: model.identity,
    run,
    learn(knowledge) {
      learnStandard(table, knowledge);
      references.learn(knowledge);
      schemas?.learn(knowledge);
    },
    warmUp: () => model.warmUp([1, maxBatch]),
    close: () => model.close(),
  };
}
