import { openBundle } from '../../src/bundle/bundle.ts';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { bundleLines, writtenBundle } from '../bundle/write-bundle.ts';

const HELP = `Writes bundle.json of a model: the sha256 of every file that can change an answer. Commands that change a
model do it by themselves. The sha256 of bundle.json is the model's identity, which every event carries.

  npm run workbench -- bundle [options]

  --model NAME|DIR  a folder under models/, or any other (default: spt)
  --check           write nothing: say whether every file is as bundle.json names it, exit code 1 if not
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      model: { type: 'string', default: 'spt' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const directory = modelFolder(flags.model);
  if (flags.check) return console.log(bundleLines(openBundle(directory, { gate: 'optional' })));
  console.log(writtenBundle(directory));
}
