import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFlags, readFlags } from '../../src/cli/parse-flags.ts';
import { surveyFiles } from '../survey/survey-files.ts';
import { surveyPage } from '../survey/survey-page.ts';

const HELP = `How many files of others are read, by kind and place, and why the others are not.

  npm run workbench -- survey-files --in NAME=FOLDER [--in NAME=FOLDER...] [options]

  --in NAME=FOLDER  a folder of files, however deep, and the name of where they are from
  --out FOLDER      where tables/files.md goes (default: docs)
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      in: { type: 'string', multiple: true, default: [] },
      out: { type: 'string', default: 'docs' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const places = readFlags(() => placesOf(flags.in));
  const { table, unread } = await surveyFiles(places);
  const folder = join(flags.out, 'tables');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'files.md'), surveyPage(table, unread));
  for (const row of table)
    console.log(`${row.kind}, ${row.place}: ${row.read} and ${row.readOnceNamed} of ${row.files} read`);
}

function placesOf(texts: readonly string[]): ReadonlyMap<string, string> {
  if (texts.length === 0) throw new Error('Expected --in to name a folder, got none');
  return new Map(texts.map(placeOf));
}

function placeOf(text: string): [string, string] {
  const [, name, folder] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || folder === undefined)
    throw new Error(`Expected --in to be NAME=FOLDER, got ${text}`);
  return [name, folder];
}
