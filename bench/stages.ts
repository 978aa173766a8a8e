// node --import tsx bench/stages.ts: what each stage of the processor costs, without a broker.

import { openBundle } from '../src/bundle/bundle.ts';
import { modelFolder } from '../src/cli/model-folder.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { makeGate } from '../src/gating/gate.ts';
import { outOfDistributionOf } from '../src/gating/out-of-distribution.ts';
import { placeOnMap } from '../src/knowledge/place-on-map.ts';
import type { JudgedScan } from '../src/messages/outcome.ts';
import { isReject, type Reject } from '../src/messages/reject.ts';
import { checkPrediction } from '../src/model/check-prediction.ts';
import type { EngineName } from '../src/model/engine.ts';
import { loadModel, pack } from '../src/model/load-model.ts';
import { findNeighbours } from '../src/model/neighbour-index.ts';
import { onnxruntimeEngine } from '../src/model/onnxruntime-engine.ts';
import { makePrepare } from '../src/spectra/prepare.ts';
import { splitSweeps } from '../src/spectra/split-sweeps.ts';
import { encodeDescriptors } from '../src/wire/descriptors-codec.ts';
import { decodeScan } from '../src/wire/scan-codec.ts';
import { nameFlag } from '../workbench/name-flags.ts';
import { wholeNumber } from '../workbench/number-flags.ts';
import { median } from '../workbench/report/statistics.ts';
import { BENCH_ELEMENTS, benchScans } from './bench-scans.ts';
import { benchRecord } from './records.ts';

/** Of each engine, as a worker thread of the processor has it. */
const THREADS = 1;

const HELP = `CPU microseconds a scan of each stage of the processor, over records from memory: decode, split,
prepare, predict, gate, place on the map, encode; of predict what its two networks take on ONNX Runtime and what the
neighbour index does, of gate the distance to the training spectra. Medians over the rounds, all threads counted.

  node --import tsx bench/stages.ts [options]

  --element NAME  ${BENCH_ELEMENTS.join(', ')} [Cu]
  --points N      of a scan [400]
  --scans N       in a batch [128]
  --rounds N      [40]
  --engine NAME   [onnxruntime]
  --model NAME|DIR  a folder under models/, or any other [spt]
  --help`;

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      element: { type: 'string', default: 'Cu' },
      points: { type: 'string', default: '400' },
      scans: { type: 'string', default: '128' },
      rounds: { type: 'string', default: '40' },
      engine: { type: 'string', default: 'onnxruntime' },
      model: { type: 'string', default: 'spt' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const bundle = openBundle(modelFolder(flags.model));
  const model = await loadModel(bundle, { engine: flags.engine as EngineName, threads: THREADS });
  const { network } = bundle.manifest;
  const alone = await onnxruntimeEngine(bundle.onnx, network, 'onnxruntime', THREADS);
  const means = flags.element === 'Cu' && bundle.copperMeans ? bundle.copperMeans : bundle.siteMeans;
  const siteMeans = means && (await onnxruntimeEngine(means.onnx, network, 'onnxruntime', THREADS));
  const prepare = makePrepare(bundle.manifest);
  const gate = makeGate(bundle.gate);
  const scanOf = benchScans(
    nameFlag('element', flags.element, BENCH_ELEMENTS),
    wholeNumber('points', flags.points),
  );
  const count = wholeNumber('scans', flags.scans);
  const records = Array.from({ length: count }, (_, i) => benchRecord(scanOf(i), i));

  const costs = new Map<string, number[]>();
  const measure = async <T>(stage: string, run: () => T | Promise<T>): Promise<T> => {
    const before = process.cpuUsage();
    const result = await run();
    const { user, system } = process.cpuUsage(before);
    costs.set(stage, [...(costs.get(stage) ?? []), (user + system) / count]);
    return result;
  };
  for (let round = 0; round < wholeNumber('rounds', flags.rounds); round += 1) {
    const scans = await measure('decode', () => records.map((record) => accepted(decodeScan(record))));
    const spectra = await measure('split', () => scans.flatMap((scan) => accepted(splitSweeps(scan))));
    const prepared = await measure('prepare', () => spectra.map((scan) => accepted(prepare(scan))));
    const inputs = prepared.map(({ input }) => input);
    const predictions = await measure('predict', async () =>
      (await model.predict(inputs)).map((prediction) => accepted(checkPrediction(prediction))),
    );
    const judgements = await measure('gate', () => prepared.map((each, i) => gate(each, predictions[i]!)));
    const positions = await measure('place', () =>
      inputs.map(({ element }, i) =>
        placeOnMap(bundle.map, predictions[i]!.embedding, element, judgements[i]!),
      ),
    );
    const outcomes = records.map((record, i): JudgedScan => {
      const at = record.receivedAtMs;
      const times = { receivedAtMs: at, decodedAtMs: at, preparedAtMs: at, predictedAtMs: at, gatedAtMs: at };
      const [scan, judgement] = [spectra[i]!, judgements[i]!];
      return {
        record,
        scan,
        prepared: prepared[i]!,
        judgement,
        mapPosition: positions[i]!,
        standards: [],
        model: model.identity,
        times,
      };
    });
    await measure('encode', () => outcomes.map((outcome) => encodeDescriptors(outcome, Date.now())));
    const batch = pack(inputs, network);
    await measure('predict: network', () => alone.run(batch));
    await measure('predict: site means', () => siteMeans?.run({ ...batch, ...batch.forMeans }));
    await measure('predict: neighbours', () =>
      inputs.map((input, i) => {
        const indexed = model.neighbourIndex?.elements.get(input.element);
        return indexed && findNeighbours(model.neighbourIndex!, indexed, predictions[i]!.embedding, input);
      }),
    );
    await measure('gate: distance', () =>
      inputs.map((input, i) => {
        const judged = bundle.gate.table.elements[input.element];
        return outOfDistributionOf(predictions[i]!, input, judged, 0, bundle.gate);
      }),
    );
  }
  const stages = [...costs].map(([stage, each]) => [stage, median(each)] as const);
  const total = stages.filter(([stage]) => !stage.includes(':')).reduce((sum, [, cost]) => sum + cost, 0);
  for (const [stage, cost] of [...stages, ['all', total] as const]) {
    console.log(`${stage.padEnd(22)}${cost.toFixed(1).padStart(8)} us`);
  }
  for (const engine of [model, alone, siteMeans]) await engine?.close();
});

function accepted<T extends object>(result: T | Reject): T {
  if (isReject(result)) throw new Error(result.detail);
  return result;
}
