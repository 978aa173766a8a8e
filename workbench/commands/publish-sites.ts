import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FatalError } from '../../src/errors.ts';
import { checkRecord } from '../generate/check-record.ts';
import { newReadme, withTables } from '../generate/data-set-readme.ts';
import { describeSites } from '../generate/describe-sites.ts';
import { failureFile, linesOf, type SiteRecord } from '../generate/site-record.ts';

const HELP = `Checks the sites that generate made, adds them to a data set, and renews the tables of its README.

  npm run workbench -- publish-sites [options]

  --data FILE     what generate wrote, and may still be writing (default: .cache/feff/sites.jsonl)
  --into FOLDER   the data set: sites.jsonl and README.md (default: data/battery-extended)
  --help

Sites that are in the data set already stay as they are. A site that does not pass is named, and left out.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', default: '.cache/feff/sites.jsonl' },
      into: { type: 'string', default: 'data/battery-extended' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  if (!existsSync(flags.data))
    throw new FatalError(`Expected --data to be a file of sites, got ${flags.data}`);
  const file = join(flags.into, 'sites.jsonl');
  const sites = new Map(linesOf<SiteRecord>(file).map((site) => [site.id, site]));
  const before = sites.size;
  for (const site of linesOf<SiteRecord>(flags.data)) {
    const fault = checkRecord(site);
    if (fault !== null) console.error(`${site.id} left out: ${fault}`);
    else if (!sites.has(site.id)) sites.set(site.id, site);
  }
  const all = [...sites.values()];
  const failures = linesOf<{ id: string; reason: string }>(failureFile(flags.data));
  const page = join(flags.into, 'README.md');
  const readme = existsSync(page) ? readFileSync(page, 'utf8') : newReadme(basename(flags.into));
  const renewed = withTables(readme, describeSites(all, failures));
  mkdirSync(flags.into, { recursive: true });
  replaceFile(file, all.map((site) => `${JSON.stringify(site)}\n`).join(''));
  replaceFile(page, renewed);
  console.error(`${file}: ${all.length} sites, ${all.length - before} of them new`);
}

/** A process that is killed in the middle leaves the file as it was. */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
