import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { flaggedModel } from '../flagged-model.ts';
import { constantReadings } from '../oxygen/constant-readings.ts';
import { networkReadings } from '../oxygen/network-readings.ts';
import { CONSTANT, oxygenPage } from '../oxygen/oxygen-page.ts';
import { OXYGEN_FOLDERS, readOxygen, SIGMAS } from '../oxygen/oxygen-sites.ts';
import { treeReadings } from '../oxygen/tree-readings.ts';

const SCRATCH = '.cache/evaluate-oxygen';

const HELP = `What can be learned of oxygen: trains networks and trees on O K-edge spectra, and scores each family by
those that saw none of it, with noise, and with what the gate's rule would accept.

  npm run workbench -- evaluate-oxygen [options]

  --data FILE|FOLDER  spectra; those of other absorbers are passed over; several times for several
                      (default: ${OXYGEN_FOLDERS.join(', ')})
  --model NAME|DIR    goes on from the models of its cross-fit, in .cache/cross-fit (default: spt)
  --python CMD        makes the environment of the trees (default: python3)
  --out FOLDER        where tables/oxygen.md goes (default: docs)
  --help

What is trained stays in ${SCRATCH} and .cache/trees: with the same spectra nothing is trained twice, with
others all of it is.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', multiple: true, default: [...OXYGEN_FOLDERS] },
      model: { type: 'string', default: 'spt' },
      python: { type: 'string', default: 'python3' },
      out: { type: 'string', default: 'docs' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const oxygen = readOxygen(flags.data);
  const { id } = openBundle(await flaggedModel(flags.model), { gate: 'optional' }).manifest;
  const constant = constantReadings(oxygen.sites);
  const network = (way: Parameters<typeof networkReadings>[1]) => networkReadings(id, way, oxygen, SCRATCH);
  const ways = [
    { name: CONSTANT, readings: new Map(SIGMAS.map((sigma) => [sigma, constant])) },
    { name: `${id} as it is`, readings: await network('as it is') },
    { name: `${id} fine-tuned`, readings: await network('fine-tuned') },
    { name: 'SPT from scratch', readings: await network('from scratch') },
    { name: 'extra-trees', readings: await treeReadings(oxygen, flags.python) },
  ];
  const page = oxygenPage(oxygen.sites, ways);
  const tables = join(flags.out, 'tables');
  mkdirSync(tables, { recursive: true });
  writeFileSync(join(tables, 'oxygen.md'), page);
  console.log(page);
}
