import { parseFlags } from '../../src/cli/parse-flags.ts';
import { GENERATION_FLAGS, type GenerationFlags, generationPlan } from '../generate/generation-plan.ts';
import { interruptible } from '../generate/interruptible.ts';
import { setUpPython } from '../generate/python-tools.ts';
import { feffAt } from '../generate/run-feff.ts';
import { queueConnection, type SiteJob, workOnQueue } from '../generate/site-queue.ts';
import type { SiteRecord } from '../generate/site-record.ts';
import { computeSite, withSites } from '../generate/with-sites.ts';
import { wholeNumber } from '../number-flags.ts';

const HELP = `Computes XANES with FEFF10 for sites of crystals, labels them, and writes JSON lines that train reads.

  npm run workbench -- generate --structures DIR --absorber Fe,Mn --out sites.jsonl
  npm run workbench -- generate --prototypes --absorber Mn,Fe,O --variants 0-3 --out sites.jsonl
  npm run workbench -- generate --amorphous Fe3O4,Li7Ti11O24 --cells 11-13 --absorber Fe,Ti --out sites.jsonl
  npm run workbench -- generate --relaxed spinel,olivine --absorber Mn,Fe --out sites.jsonl
  npm run workbench -- generate --work redis://host:6379       # on any number of machines, with --queue on one

  --structures DIR   CIF and POSCAR files: one site of each symmetry class of the absorbers
  --prototypes       the built-in crystals instead
  --crystals NAME    which of these: oxides (default); non-oxides, for the gate: metals, sulphides, nitrides and so on,
                     without oxidation states; or copper-oxides, which the energy scale of FEFF10 is fitted on
  --variants A-B     of the built-in crystals: 0 is the crystal itself, others are strained and rattled (default: 0)
  --relaxed HOSTS    crystals with other metals, or with some of the lithium gone, than these host structures have
                     (spinel,olivine or all): built, and relaxed with CHGNet as amorphous cells are; of each element the
                     site with the shortest and the one with the longest bonds
  --amorphous LIST   formulas of oxides instead: cells are packed at random, molten at 5000 K, quenched and relaxed with
                     CHGNet, and kept beside --out (sites.cells); one that is there is not made again
  --cells A-B        of each formula: every number is an independent quench (default: 1)
  --atoms N          at most so many in a cell (default: 48)
  --melt-ps, --quench-ps
                     molecular dynamics at 5000 K, and from there to 300 K, picoseconds (default: 0.4 and 1.2)
  --absorber LIST    elements whose K edge is computed, in this order (default: Mn,Fe,O)
  --out FILE         JSON lines; sites that are in it already are skipped (default: sites.jsonl)
  --besides DIR      a data set, such as data/battery-extended, whose sites are not computed again; several times for
                     several
  --limit N          at most so many sites in this run
  --feff DIR         an installed FEFF10, folder of its programs (default: the wheel feff10-rs in the tools folder)
  --timeout S        wall seconds a site may take (default: 1800)
  --workers N        sites computed at a time (default: 1)
  --queue URL        have the sites computed by whoever works on the queue in this Redis, and collect them
  --work URL         compute what is in the queue of this Redis, with --workers, --timeout, --feff and --tools
  --idle S           with --work: end when the queue was empty for so many seconds (default: never)
  --retry            try again what failed before (FILE.failed.jsonl)
  --list             only name the sites that would be computed, of cells when these are made
  --deck ID          only print FEFF's input for a site
  --tools DIR        where Python, FEFF10 and pymatgen are, or are put on the first run (default: .cache/engine)
  --help

A site costs 60 to 100 s of CPU, a quench of 48 atoms 2 to 4 minutes, a relaxation 5 to 20 s. An interrupt
(Ctrl-C) ends at once and loses only the cell or the sites in the making; the same command goes on. What fails
is written to FILE.failed.jsonl with its reason, and the rest goes on. With --queue sites stay in the queue
until they are collected: an interrupt of either side loses nothing, and a machine that is lost in mid-site
gives it up within half a minute.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({ args, options: GENERATION_FLAGS });
  if (flags.help) return console.log(HELP);
  if (flags.work !== undefined) return work(flags.work, flags);
  const plan = generationPlan(flags);
  const say = (line: string) => console.error(line);
  const interrupted = await interruptible((signal) =>
    withSites(plan, { signal, say }, async ({ open, deckOf, compute }) => {
      if (flags.deck !== undefined) console.log(await deckOf(flags.deck));
      else if (flags.list) console.log(open.join('\n'));
      else await compute();
    }),
  );
  if (interrupted) say('interrupted: the same command goes on from here');
}

async function work(url: string, flags: GenerationFlags): Promise<void> {
  const connection = queueConnection(url, 'work');
  const concurrency = wholeNumber('workers', flags.workers);
  const timeoutS = wholeNumber('timeout', flags.timeout);
  const idleS = flags.idle === undefined ? undefined : wholeNumber('idle', flags.idle);
  const say = (line: string) => console.error(line);
  await interruptible(async (signal) => {
    const feff = feffAt(flags.feff, await setUpPython(flags.tools, say, signal));
    say(`working on the queue, ${concurrency} at a time`);
    const compute = async (job: SiteJob): Promise<SiteRecord> => {
      const record = await computeSite(feff, job, timeoutS, signal);
      say(`${record.id}: ${record.feff.cpuSeconds.toFixed(0)} s of CPU`);
      return record;
    };
    await workOnQueue(connection, compute, { concurrency, idleS }, { signal, say });
  });
}
