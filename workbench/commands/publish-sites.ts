import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { checkRecord } from '../generate/check-record.ts';
import { describeSites } from '../generate/describe-sites.ts';
import { failureFile, linesOf, type SiteRecord } from '../generate/site-record.ts';

const HELP = `Checks the sites that \`npm run generate\` made, adds them to a data set, and renews the tables of its README.

  npm run workbench -- publish-sites [options]

  --from FILE     what \`npm run generate\` wrote, and may still be writing (default: .cache/feff/sites.jsonl)
  --into DIR      the data set: sites.jsonl and README.md (default: data/battery-extended)
  --help

Sites that are in the data set already stay as they are. A site that does not pass is named, and left out.`;

const MARKS = { begin: '<!-- tables: npm run publish:sites -->', end: '<!-- end of tables -->' };

/** Of a data set that has no README yet; what its sites are for is to be written into it. */
const readme = (name: string): string => `# ${name}

FEFF10 K-edge spectra with labels, computed by this project's data engine (docs/data-engine.md); same settings (SCF 4, FMS 6
angstrom) and format as battery-feff10. Our own calculations; copy freely.

${MARKS.begin}
${MARKS.end}
`;

/** What the command was called with. */
let flags: ReturnType<typeof readOptions>;

const readOptions = (args: readonly string[]) =>
  parseFlags({
    args,
    options: {
      from: { type: 'string', default: '.cache/feff/sites.jsonl' },
      into: { type: 'string', default: 'data/battery-extended' },
      help: { type: 'boolean', default: false },
    },
  }).values;
export async function run(args: readonly string[]): Promise<void> {
  flags = readOptions(args);
  if (flags.help) console.log(HELP);
  else publish();
}

function publish(): void {
  if (!existsSync(flags.from)) throw new Error(`Expected --from to be a file of sites, got ${flags.from}`);
  const file = join(flags.into, 'sites.jsonl');
  const sites = new Map(linesOf<SiteRecord>(file).map((site) => [site.id, site]));
  const before = sites.size;
  for (const site of linesOf<SiteRecord>(flags.from)) {
    const fault = checkRecord(site);
    if (fault !== null) console.error(`${site.id} left out: ${fault}`);
    else if (!sites.has(site.id)) sites.set(site.id, site);
  }
  const all = [...sites.values()];
  mkdirSync(flags.into, { recursive: true });
  replaceFile(file, all.map((site) => `${JSON.stringify(site)}\n`).join(''));
  const failures = linesOf<{ id: string; reason: string }>(failureFile(flags.from));
  renewTables(join(flags.into, 'README.md'), describeSites(all, failures));
  console.error(`${file}: ${all.length} sites, ${all.length - before} of them new`);
}

function renewTables(file: string, tables: string): void {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : readme(basename(dirname(file)));
  const [head, rest] = text.split(MARKS.begin);
  const tail = rest?.split(MARKS.end)[1];
  if (tail === undefined)
    throw new Error(`Expected ${file} to hold the marks ${MARKS.begin} and ${MARKS.end}`);
  replaceFile(file, `${head}${MARKS.begin}\n\n${tables}\n${MARKS.end}${tail}`);
}

function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
