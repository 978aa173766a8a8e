import type { Bundle } from '../../src/bundle/bundle.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { MapPoint } from '../../src/messages/map-point.ts';
import type { ModelInput } from '../../src/messages/prepared.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { type MapFile, openMap, quantiser } from '../../src/model/map.ts';
import { madeFor } from '../../src/registry/bundle-json.ts';
import type { Site } from '../data/dataset.ts';
import { inputsOf } from '../data/inputs-of.ts';
import { seededRandom } from '../data/random.ts';
import { keptFrom, learnedBy, type TrainingData } from '../data/training-data.ts';
import { evenSample, fitMap } from './fit-map.ts';

export type MadeMap = {
  readonly file: MapFile;
  /** Of the map's spectra, quantised. */
  readonly rows: readonly Int8Array[]; // [spectra][features]
  /** Spectra with established labels that the model has not seen, where they lie on it. */
  readonly placed: readonly { readonly site: Site; readonly at: MapPoint }[];
  /** Of one scan to be placed, microseconds of CPU. */
  readonly placingUs: number;
};

/**
 * Lays training spectra out on a map, and places those that the model has not seen.
 * @param data what the model was trained with, as `dataOf` gives it
 * @param options.size so many training spectra, the elements as even as they allow
 */
export async function makeMap(
  bundle: Bundle,
  data: TrainingData,
  options: { readonly size: number; readonly seed: number; readonly say: (line: string) => void },
): Promise<MadeMap> {
  const { manifest } = bundle;
  const { size, seed, say } = options;
  const training = inputsOf(learnedBy(data, manifest.training), manifest);
  const held = inputsOf(keptFrom(data, manifest.training), manifest);
  const spectra = evenSample(training, ({ site }) => site.element, size, seededRandom(seed));
  const model = await loadModel(bundle, { engine: 'auto' });
  const embeddingsOf = async (of: readonly { readonly input: ModelInput }[]) =>
    (await model.predict(of.map(({ input }) => input))).map(({ embedding }) => embedding);
  const quantise = quantiser(manifest.embedding);
  const rows = (await embeddingsOf(spectra)).map((embedding) =>
    quantise(embedding, new Int8Array(embedding.length)),
  );
  const heldEmbeddings = await embeddingsOf(held);
  await model.close();

  say(`fitting ${rows.length} of ${training.length} training spectra: half a minute or more`);
  const points = fitMap(rows, seed); // the quantised ones: what a scan will be compared with
  const sites = spectra.map(({ site }) => site);
  const labels = (name: DescriptorName) => sites.map((site) => site.labels[name] ?? null);
  const file: MapFile = {
    madeFor: madeFor('map.json', bundle.files),
    command: `npm run workbench -- map --spectra ${size} --seed ${seed}`,
    mean: manifest.embedding.mean,
    scale: manifest.embedding.scale,
    element: sites.map(({ element }) => element),
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
    labels: Object.fromEntries(DESCRIPTOR_NAMES.map((name) => [name, labels(name)])),
  };
  const map = openMap(file, new Int8Array(mapBytes(rows)));
  const before = process.cpuUsage();
  const places = held.map(({ site }, i) => map.locate(heldEmbeddings[i]!, site.element));
  const { user } = process.cpuUsage(before);
  const placed = held.flatMap(({ site }, i) =>
    site.decoded || places[i] === null ? [] : [{ site, at: places[i]! }],
  );
  return { file, rows, placed, placingUs: user / held.length };
}

/** Content of map.bin. */
export function mapBytes(rows: readonly Int8Array[]): Buffer {
  return Buffer.concat(rows.map((row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength)));
}

/** Content of map.json, a line each array. */
export function mapText(file: MapFile): string {
  const json = JSON.stringify(file, null, 1);
  return `${json.replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, body: string) => `[${body.replace(/\s+/g, '')}]`)}\n`;
}
