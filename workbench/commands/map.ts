import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { writtenBundle } from '../bundle/write-bundle.ts';
import { dataOf, readTrainingData } from '../data/training-data.ts';
import { drawMaps } from '../map/draw-maps.ts';
import { makeMap, mapBytes, mapText } from '../map/make-map.ts';
import { mapTable } from '../map/map-table.ts';
import { neighbourAgreement } from '../map/neighbour-agreement.ts';
import { mapPositionErrors } from '../map/position-errors.ts';
import { wholeNumber } from '../number-flags.ts';
import { dataFolders } from '../training/flags.ts';

const HELP = `Lays the training spectra out on a map by UMAP of the model's representation, so that like lies beside
like.

  npm run workbench -- map [options]

  --data FILE|FOLDER  what the model was trained with (default as for train); several times for several
  --model NAME|DIR    gets map.json and map.bin (default: spt)
  --images FOLDER     where map-<descriptor>.svg and map-element.svg go (default: docs/images)
  --table FILE        what it is worth (default: docs/tables/map.md)
  --spectra N         so many training spectra, the elements as even as they allow (default: 3000)
  --seed N            default 1
  --help

The same weights, data and seed give the same map. Run it after every training.`;

/** With fewer there is nothing to lay out. */
const LEAST_SPECTRA = 50;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', multiple: true },
      model: { type: 'string', default: 'spt' },
      images: { type: 'string', default: 'docs/images' },
      table: { type: 'string', default: 'docs/tables/map.md' },
      spectra: { type: 'string', default: '3000' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const [size, seed] = [
    wholeNumber('spectra', flags.spectra, LEAST_SPECTRA),
    wholeNumber('seed', flags.seed, 0),
  ];
  const directory = modelFolder(flags.model);
  const bundle = openBundle(directory, { gate: 'optional' });
  const data = dataOf(readTrainingData(dataFolders(flags)), bundle.manifest.training);
  const { file, rows, placed, placingUs } = await makeMap(bundle, data, { size, seed, say: console.log });
  writeFileSync(join(directory, 'map.bin'), mapBytes(rows));
  writeFileSync(join(directory, 'map.json'), mapText(file));
  const written = writtenBundle(directory);
  for (const image of drawMaps(file, flags.images)) console.log(image);
  const table = mapTable(file, mapPositionErrors(file, rows), neighbourAgreement(file, placed));
  mkdirSync(dirname(flags.table), { recursive: true });
  writeFileSync(flags.table, table);
  console.log(`${table}\n${written}\na scan takes ${placingUs.toFixed(0)} us of CPU to place`);
}
