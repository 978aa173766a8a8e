import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DescriptorName } from '../src/messages/descriptor-names.ts';
import type { ModelInput } from '../src/messages/prepared.ts';
import { AUGMENTATION, augmenter } from '../src/model/augment.ts';
import { readSites, type Site, toInput } from '../src/model/dataset.ts';
import { describeTrainingSet } from '../src/model/describe-training-set.ts';
import { defaultGrid } from '../src/model/grid.ts';
import { modelOn } from '../src/model/load-model.ts';
import { loadTensorflow } from '../src/model/load-tensorflow.ts';
import { makeConfig } from '../src/model/make-config.ts';
import { type Manifest, readManifest, readWeights } from '../src/model/manifest.ts';
import type { NetworkConfig } from '../src/model/network-config.ts';
import { seededRandom } from '../src/model/random.ts';
import { fitReferences, MEASURED_SHIFTS_EV } from '../src/model/references.ts';
import { saveModel } from '../src/model/save-model.ts';
import { type DescriptorScore, overallScore, scoreDescriptors } from '../src/model/score.ts';
import { tfjsEngine } from '../src/model/tfjs-engine.ts';
import { type Example, trainNetwork } from '../src/model/train-network.ts';
import { readTrainingData, SPLIT_RULE } from '../src/model/training-data.ts';

const HELP = `Trains the model on computed spectra and writes weights, manifest, ONNX export and golden vectors.

  npm run train -- [options]

  --data DIR            folder of cu-feff9, tm-feff9, battery-feff10, li-x-coo2 (default: XANES_DATA or ../shared/data)
  --out DIR             where the model goes (default: weights/spt)
  --id NAME             the model's id, stamped on every result (default: the architecture and the seed)
  --architecture NAME   spt, cnn or mlp (default: spt)
  --epochs N            default 60
  --batch N             default 64
  --rate R              peak learning rate (default 0.0015)
  --decay W             weight decay (default 0.02)
  --dropout P           default 0.2
  --channels N          width of the convolutions (default 32)
  --features N          width of the shared representation (default 128)
  --repeat N            how often a battery-feff10 spectrum is seen in an epoch (default 4)
  --limit N             use only every so many spectra that N remain, to try things out
  --seed N              default 1
  --resume DIR          start from the weights of a model with the same network
  --help

TensorFlow comes from \`npm run setup:tensorflow\`.`;

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: process.env.XANES_DATA ?? '../shared/data' },
    out: { type: 'string', default: 'weights/spt' },
    id: { type: 'string' },
    architecture: { type: 'string', default: 'spt' },
    epochs: { type: 'string', default: '60' },
    batch: { type: 'string', default: '64' },
    rate: { type: 'string', default: '0.0015' },
    decay: { type: 'string', default: '0.02' },
    dropout: { type: 'string', default: '0.2' },
    channels: { type: 'string', default: '32' },
    features: { type: 'string', default: '128' },
    repeat: { type: 'string', default: '4' },
    limit: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    resume: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) console.log(HELP);
else await train();

async function train(): Promise<void> {
  const tf = loadTensorflow('@tensorflow/tfjs-node');
  const seed = numberFlag('seed');
  const random = seededRandom(seed);
  const architecture = flags.architecture as NetworkConfig['architecture'];
  const grid = defaultGrid();
  const data = readTrainingData(flags.data);
  const references = fitReferences(data.train, MEASURED_SHIFTS_EV);
  const referenceOf = (site: Site) => references.find(({ element }) => element === site.element)!;
  const inputsOf = (sites: readonly Site[]) =>
    sites.flatMap((site) => {
      const input = toInput(site, referenceOf(site), grid);
      return input === null ? [] : [{ site, input }];
    });

  const every = numberFlag('limit') > 0 ? Math.ceil(data.train.length / numberFlag('limit')) : 1;
  const training = inputsOf(data.train.filter((_, i) => i % every === 0));
  const fitted = makeConfig(
    architecture,
    grid,
    references.map(({ element }) => element),
    training,
  );
  const config: NetworkConfig = {
    ...fitted,
    dropout: numberFlag('dropout'),
    channels: numberFlag('channels'),
    features: numberFlag('features'),
  };
  const augment = augmenter(grid, AUGMENTATION);
  const examples = training.flatMap(({ site }) => {
    const example: Example = {
      labels: site.labels,
      weights: site.weights,
      input: () => augment(site, referenceOf(site), random),
    };
    return Array.from({ length: site.scale === 'feff10' ? numberFlag('repeat') : 1 }, () => example);
  });
  const val = { cu: inputsOf(data.val.cu), battery: inputsOf(data.val.battery) };
  console.log(
    `${training.length} of ${data.train.length} training spectra cover the grid, ${val.cu.length} and ${val.battery.length} to choose by; periods ${config.periods.join(', ')}`,
  );

  const about = {
    id: flags.id ?? `${architecture}-${seed}`,
    grid,
    references,
    network: config,
    training: {},
    metrics: {},
  };
  const without = { features: config.features, mean: [], scale: [], references: [] };
  const modelWith = (weights: ReadonlyMap<string, Float32Array>) => {
    const manifest: Manifest = { ...about, hash: '', parameters: [], embedding: without };
    return modelOn(tfjsEngine('tfjs-node', config, weights), manifest);
  };
  async function scores(weights: ReadonlyMap<string, Float32Array>, set: typeof training) {
    const model = modelWith(weights);
    const predictions = await model.predict(set.map(({ input }) => input));
    await model.close();
    return scoreDescriptors(
      predictions,
      set.map(({ site }) => site.labels),
    );
  }

  let best = { score: Number.NEGATIVE_INFINITY, epoch: 0, weights: new Map<string, Float32Array>() };
  const startedAt = performance.now();
  const epochs = numberFlag('epochs');
  await trainNetwork(tf, config, examples, {
    epochs,
    batchSize: numberFlag('batch'),
    learningRate: numberFlag('rate'),
    weightDecay: numberFlag('decay'),
    random,
    ...(flags.resume === undefined ? {} : { initial: readWeights(flags.resume, readManifest(flags.resume)) }),
    async afterEpoch({ epoch, loss, weights }) {
      const now = weights();
      const cu = await scores(now, val.cu);
      const battery = await scores(now, val.battery);
      const score = overallScore(cu);
      if (score > best.score) best = { score, epoch, weights: now };
      const perEpochS = (performance.now() - startedAt) / 1000 / epoch;
      console.log(
        `epoch ${epoch}/${epochs}  loss ${loss.toFixed(3)}  Cu ${score.toFixed(4)} (best ${best.score.toFixed(4)})  ${line(cu)}  battery ${line(battery)}  ${perEpochS.toFixed(1)} s/epoch, ${Math.ceil((perEpochS * (epochs - epoch)) / 60)} min left`,
      );
    },
  });

  const model = modelWith(best.weights);
  const { summary, embeddings } = await describeTrainingSet(
    model,
    training.map(({ input }) => input),
    250,
  );
  await model.close();
  const { cu, battery } = {
    cu: await scores(best.weights, val.cu),
    battery: await scores(best.weights, val.battery),
  };
  const manifest = await saveModel(
    flags.out,
    {
      ...about,
      embedding: summary,
      training: {
        command: `npm run train -- ${process.argv
          .slice(2)
          .filter((a, i, all) => !/^--(data|out)/.test(a) && !/^--(data|out)$/.test(all[i - 1] ?? ''))
          .join(' ')}`.trim(),
        seed,
        epochs,
        bestEpoch: best.epoch,
        batchSize: numberFlag('batch'),
        learningRate: numberFlag('rate'),
        weightDecay: numberFlag('decay'),
        augmentation: AUGMENTATION,
        files: data.files,
        splitRule: SPLIT_RULE,
        batteryFamilies: {
          val: [...new Set(data.battery.val.map(({ group }) => group))],
          test: [...new Set(data.battery.test.map(({ group }) => group))],
        },
        spectra: training.length,
      },
      metrics: { 'cu-feff9 val': figures(cu), 'battery-feff10 val': figures(battery) },
    },
    best.weights,
    embeddings,
    goldenInputs(
      inputsOf(data.battery.test),
      inputsOf(readSites(join(flags.data, 'li-x-coo2/series.jsonl'))),
    ),
  );
  console.log(`${flags.out}: ${manifest.id}, weights ${manifest.hash.slice(0, 12)}, epoch ${best.epoch}`);
}

/** Spectra that may be copied: one battery site per element, one of the demo series, and one whose window is cut short. */
function goldenInputs(battery: readonly { site: Site; input: ModelInput }[], series: typeof battery) {
  const firstOfElement = battery.filter(
    ({ site }, i) => battery.findIndex((other) => other.site.element === site.element) === i,
  );
  const [first] = series;
  const cut = (input: ModelInput): ModelInput => {
    const mask = input.mask.map((value, i) => (i < 64 ? value : 0));
    return { ...input, mask, mu: input.mu.map((value, i) => value * mask[i]!) };
  };
  return [
    ...[...firstOfElement, first!].map(({ site, input }) => ({ name: site.id, input })),
    { name: `${first!.site.id}, window cut short`, input: cut(first!.input) },
  ];
}

function line(scores: readonly DescriptorScore[]): string {
  return scores
    .map((s) => `${s.name} ${(s.kind === 'class' ? s.model.weightedF1 : s.model.r2).toFixed(2)}`)
    .join(' ');
}

function figures(scores: readonly DescriptorScore[]) {
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  const each = scores.map((s): [DescriptorName, object] => [
    s.name,
    s.kind === 'class'
      ? {
          count: s.model.count,
          weightedF1: round(s.model.weightedF1),
          majority: round(s.majority.weightedF1),
        }
      : { count: s.model.count, r2: round(s.model.r2), mae: round(s.model.mae) },
  ]);
  return { overall: round(overallScore(scores)), ...Object.fromEntries(each) };
}

function numberFlag(name: Exclude<keyof typeof flags, 'help'>): number {
  const value = Number(flags[name]);
  if (Number.isFinite(value)) return value;
  throw new RangeError(`Expected --${name} to be a number, got ${flags[name]}`);
}
