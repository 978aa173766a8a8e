import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { MEASURED } from '../data/data-folders.ts';
import { flaggedModel } from '../flagged-model.ts';
import { answerStandards } from '../measured/answer-standards.ts';
import { readManifest } from '../measured/manifest.ts';
import { measuredJson } from '../measured/measured-json.ts';
import { measuredPage } from '../measured/measured-page.ts';
import { drawMeasured } from '../measured/measured-plot.ts';
import { measuredSummary } from '../measured/measured-summary.ts';
import { answerReduced } from '../measured/reduced.ts';
import { reducedPage } from '../measured/reduced-page.ts';
import { drawReduced } from '../measured/reduced-plot.ts';
import { repeatsPage } from '../measured/repeats-page.ts';

const HELP = `Every measured scan through the preparation, the model and the gate of the stream, beside what textbooks
say.

  npm run workbench -- measured [options]

  --data FOLDER     XDI files with manifest.json (default: measured in XANES_DATA, or data/measured)
  --model NAME|DIR  with its gate's table (default: spt)
  --files TEXT      only files whose path contains this
  --out FOLDER      where tables/measured.md, measured-repeats.md and measured-reduced.md, and images/measured.svg and
                    measured-reduced.svg go (default: docs)
  --json            one JSON object a file on standard output, and nothing written
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', default: MEASURED },
      model: { type: 'string', default: 'spt' },
      files: { type: 'string', default: '' },
      out: { type: 'string', default: 'docs' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const bundle = openBundle(await flaggedModel(flags.model));
  const standards = readManifest(flags.data).filter(({ file }) => file.includes(flags.files));
  const answered = await answerStandards(bundle, flags.data, standards);
  if (flags.json) {
    for (const each of answered) console.log(JSON.stringify(measuredJson(each)));
    return;
  }
  const { id, references } = bundle.manifest;
  const known = references.map(({ element }) => element);
  const summary = measuredSummary(answered, known);
  const [tables, images] = [join(flags.out, 'tables'), join(flags.out, 'images')];
  for (const folder of [tables, images]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(tables, 'measured.md'), measuredPage(answered, id, summary));
  writeFileSync(join(tables, 'measured-repeats.md'), repeatsPage(answered));
  await drawMeasured(answered, id, join(images, 'measured.svg'));
  const reduced = await answerReduced(bundle, answered);
  writeFileSync(join(tables, 'measured-reduced.md'), reducedPage(reduced, id));
  await drawReduced(reduced, id, join(images, 'measured-reduced.svg'));
  console.log(summary);
}
