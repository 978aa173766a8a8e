import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FatalError } from '../../src/common/errors.ts';
import { checkSitesOfCells } from '../generate/check-cells.ts';
import { checkRecord } from '../generate/check-record.ts';
import { newReadme, withTables } from '../generate/data-set-readme.ts';
import { describeSites } from '../generate/describe-sites.ts';
import { TOOLS_FOLDER } from '../generate/python-tools.ts';
import { cellsFolder, failureFile, linesOf, type SiteRecord } from '../generate/site-record.ts';

const HELP = `Checks the sites that generate made, adds them to a data set, and renews the tables of its README.

  npm run workbench -- publish-sites [options]

  --data FILE     what generate wrote, and may still be writing (default: .cache/feff/sites.jsonl)
  --into FOLDER   the data set: sites.jsonl and README.md (default: data/battery-extended)
  --tools DIR     as for generate
  --help

Sites that are in the data set already stay as they are. A site that does not pass is named, and left out. Sites of
quenched and relaxed cells are labelled anew from their cell, which must give the same; their cells are copied with
them.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', default: '.cache/feff/sites.jsonl' },
      into: { type: 'string', default: 'data/battery-extended' },
      tools: { type: 'string', default: TOOLS_FOLDER },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  if (!existsSync(flags.data))
    throw new FatalError(`Expected --data to be a file of sites, got ${flags.data}`);
  const file = join(flags.into, 'sites.jsonl');
  const sites = new Map(linesOf<SiteRecord>(file).map((site) => [site.id, site]));
  const before = sites.size;
  const given = linesOf<SiteRecord>(flags.data).filter(({ id }) => !sites.has(id));
  const relabelled = await checkSitesOfCells(given, cellsFolder(flags.data), flags.tools);
  for (const site of given) {
    const fault = checkRecord(site) ?? relabelled.get(site.id) ?? null;
    if (fault === null) sites.set(site.id, site);
    else console.error(`${site.id} left out: ${fault}`);
  }
  const cells = new Set(given.flatMap(({ id, cell }) => (sites.has(id) ? (cell?.name ?? []) : [])));
  const all = [...sites.values()];
  // One that failed once, and not when it was tried again, is a site.
  const failures = linesOf<{ id: string; reason: string }>(failureFile(flags.data)).filter(
    ({ id }) => !sites.has(id),
  );
  const page = join(flags.into, 'README.md');
  const readme = existsSync(page) ? readFileSync(page, 'utf8') : newReadme(basename(flags.into));
  const renewed = withTables(readme, describeSites(all, failures));
  mkdirSync(flags.into, { recursive: true });
  if (cells.size > 0) mkdirSync(cellsFolder(file), { recursive: true });
  for (const name of [...cells].flatMap((cell) => [`${cell}.cif`, `${cell}.json`]))
    copyFileSync(join(cellsFolder(flags.data), name), join(cellsFolder(file), name));
  replaceFile(file, all.map((site) => `${JSON.stringify(site)}\n`).join(''));
  replaceFile(page, renewed);
  console.error(`${file}: ${all.length} sites, ${all.length - before} of them new`);
}

/** A process that is killed in the middle leaves the file as it was. */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
