import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openBundle } from '../../src/bundle.ts';
import { madeFor } from '../../src/bundle-json.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { type MapFile, openMap, quantised } from '../../src/model/map.ts';
import { bundleLines, writeBundle } from '../bundle/write-bundle.ts';
import { type Site, toInput } from '../data/dataset.ts';
import { seededRandom } from '../data/random.ts';
import { dataOf, keptFrom, learnedBy, readTrainingData } from '../data/training-data.ts';
import { drawMaps } from '../map/draw-maps.ts';
import { evenSample, fitMap } from '../map/fit-map.ts';
import { mapTable } from '../map/map-table.ts';
import { neighbourAgreement } from '../map/neighbour-agreement.ts';
import { mapPositionErrors } from '../map/position-errors.ts';
import { dataFolders } from '../training/flags.ts';

const HELP = `Lays the training spectra out on a map by UMAP of the model's representation, so that like lies beside like.

  npm run workbench -- map [options]

  --data DIR      what the model was trained with, may be given several times (default as for train)
  --weights DIR   the model; map.json and map.bin are written there (default: models/spt)
  --images DIR    where map-<descriptor>.svg and map-element.svg go (default: docs/images)
  --table FILE    what it is worth (default: docs/tables/map.md)
  --spectra N     so many training spectra, the elements as even as they allow (default: 3000)
  --seed N        default 1
  --help

The same weights, data and seed give the same map. Run it after every training.`;

/** What the command was called with. */
let flags: ReturnType<typeof readOptions>;

const readOptions = (args: readonly string[]) =>
  parseFlags({
    args,
    options: {
      data: { type: 'string', multiple: true },
      weights: { type: 'string', default: 'models/spt' },
      images: { type: 'string', default: 'docs/images' },
      table: { type: 'string', default: 'docs/tables/map.md' },
      spectra: { type: 'string', default: '3000' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  }).values;
export async function run(args: readonly string[]): Promise<void> {
  flags = readOptions(args);
  if (flags.help) console.log(HELP);
  else await makeMap(atLeast('spectra', 50), atLeast('seed', 0));
}

async function makeMap(size: number, seed: number): Promise<void> {
  const bundle = openBundle(flags.weights, { gate: 'optional' });
  const model = await loadModel(bundle, { engine: 'auto' });
  const { grid, references, embedding: units, hash, training: past } = model.manifest;
  const data = dataOf(readTrainingData(dataFolders(flags)), past);
  const inputsOf = (sites: readonly Site[]) =>
    sites.flatMap((site) => {
      const reference = references.find(({ element }) => element === site.element);
      const input = reference === undefined ? null : toInput(site, reference, grid);
      return input === null ? [] : [{ site, input }];
    });
  const training = inputsOf(learnedBy(data, past));
  const spectra = evenSample(training, ({ site }) => site.element, size, seededRandom(seed));
  const embeddingsOf = async (of: typeof spectra) =>
    (await model.predict(of.map(({ input }) => input))).map(({ embedding }) => embedding);
  const rows = (await embeddingsOf(spectra)).map((embedding) => quantised(embedding, units));
  const held = inputsOf(keptFrom(data, past));
  const heldEmbeddings = await embeddingsOf(held);
  await model.close();

  console.log(`fitting ${rows.length} of ${training.length} training spectra: half a minute or more`);
  const points = fitMap(rows, seed); // the quantised ones: what a scan will be compared with
  const sites = spectra.map(({ site }) => site);
  const labels = (name: DescriptorName) => sites.map((site) => site.labels[name] ?? null);
  const file: MapFile = {
    madeFor: madeFor('map.json', bundle.files),
    command: `npm run map -- --spectra ${size} --seed ${seed}`,
    mean: units.mean,
    scale: units.scale,
    element: sites.map(({ element }) => element),
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
    labels: Object.fromEntries(DESCRIPTOR_NAMES.map((name) => [name, labels(name)])),
  };
  const embeddings = Buffer.concat(rows.map((row) => Buffer.from(row.buffer)));
  write('map.bin', embeddings);
  write('map.json', mapJson(file));
  const { leftOut, ...written } = writeBundle(flags.weights);
  console.log(bundleLines(written, leftOut));
  for (const image of drawMaps(file, flags.images)) console.log(image);

  const map = openMap(file, new Int8Array(embeddings));
  const before = process.cpuUsage();
  const places = held.map(({ site }, i) => map.locate(heldEmbeddings[i]!, site.element));
  const { user } = process.cpuUsage(before);
  const labelled = held.flatMap(({ site }, i) =>
    site.decoded || places[i] === null ? [] : [{ site, at: places[i]! }],
  );
  const table = mapTable(file, mapPositionErrors(file, rows), neighbourAgreement(file, labelled));
  mkdirSync(dirname(flags.table), { recursive: true });
  writeFileSync(flags.table, table);
  console.log(
    `${table}\n${flags.weights}: map of ${hash.slice(0, 12)}; a scan takes ${(user / held.length).toFixed(0)} us of CPU to place`,
  );
}

function write(name: string, content: Uint8Array | string): void {
  const file = join(flags.weights, name);
  writeFileSync(`${file}.partial`, content);
  renameSync(`${file}.partial`, file);
}

/** A line each array. */
function mapJson(file: MapFile): string {
  const json = JSON.stringify(file, null, 1);
  return `${json.replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, body: string) => `[${body.replace(/\s+/g, '')}]`)}\n`;
}

function atLeast(name: 'spectra' | 'seed', least: number): number {
  const value = Number(flags[name]);
  if (Number.isInteger(value) && value >= least) return value;
  throw new RangeError(`Expected --${name} to be an integer >= ${least}, got ${flags[name]}`);
}
