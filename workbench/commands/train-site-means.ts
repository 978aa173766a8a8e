import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { NON_OXIDES, readNonOxides } from '../calibration/non-oxides.ts';
import { dataOf, learnedBy, readTrainingData } from '../data/training-data.ts';
import { crossFitFolders } from '../training/cross-fit.ts';
import { CROSS_FITS_FLAG, crossFitNames, MADE_CROSS_FITS_HELP } from '../training/cross-fits-flag.ts';
import { commandLine, dataFolders } from '../training/flags.ts';
import { exportSites } from '../training/site-means/export-sites.ts';
import { readTrained, requireSameAnswers } from '../training/site-means/trained-networks.ts';
import { configFor, writeSiteMeans } from '../training/site-means/write-site-means.ts';
import { runTrainer } from '../training/torch/run-trainer.ts';

const HELP = `Trains the network that reads means over sites, on mixtures of a model's training spectra that are
distorted as measurements are: with PyTorch, on a GPU where there is one.

  npm run workbench -- train-site-means [options] [-- OPTIONS OF train.py]

  --data FILE|FOLDER  what the model was trained with (default as for train); several times for several
  --model NAME|DIR    site-means.json, .bin and .onnx are written into its folder (default: spt), and into those of its
                      cross-fit
${MADE_CROSS_FITS_HELP}
  --python PATH       an interpreter that has PyTorch and NumPy (default: one that is installed into .cache/torch)
  --export DIR        only write what train.py needs, to train on another machine: python3 train.py DIR OUT
  --from DIR          take what was trained there (OUT), and train nothing
  --copper            writes copper-means.* instead: of copper's scans it is read in place of the other one
  --help

Options of train.py, behind --: -- --help lists them. Then: fit-measured-means --write, calibrate.`;

const TRAINER = join(import.meta.dirname, '../training/site-means/torch/train.py');

/** Channels of the two convolutions, and features, of what is served. */
const SIZE = { channels: [24, 40] as [number, number], features: 192 };

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags, positionals } = parseFlags({
    args,
    allowPositionals: true,
    options: {
      data: { type: 'string', multiple: true },
      model: { type: 'string', default: 'spt' },
      ...CROSS_FITS_FLAG,
      python: { type: 'string' },
      export: { type: 'string' },
      from: { type: 'string' },
      copper: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const folder = modelFolder(flags.model);
  const { manifest } = openBundle(folder, { gate: 'optional' });
  const { id, training, references, network } = manifest;
  const learned = learnedBy(dataOf(readTrainingData(dataFolders(flags)), training), training);
  const metals = learned.filter(({ element }) => element !== 'O');
  const config = configFor(network, metals, SIZE);

  const work = join('.cache', 'site-means', id);
  const exported = flags.export ?? work;
  if (flags.from === undefined) {
    mkdirSync(exported, { recursive: true });
    exportSites(exported, metals, readNonOxides(references, NON_OXIDES), references, config);
  }
  if (flags.export !== undefined) return console.log(`${exported}: ${metals.length} spectra`);
  const from = flags.from ?? join(work, 'trained');
  if (flags.from === undefined) await runTrainer(flags.python, TRAINER, [exported, from, ...positionals]);
  const trained = readTrained(from);
  await requireSameAnswers(trained, config);
  const made = {
    file: flags.copper ? 'copper-means.json' : 'site-means.json',
    command: commandLine('train-site-means', args),
  } as const;
  const crossFits = crossFitNames(flags);
  for (const each of crossFitFolders(manifest, crossFits))
    writeSiteMeans(each.folder, config, trained, String(each.fold), made);
  if (crossFits === undefined) writeSiteMeans(folder, config, trained, 'none', made);
}
