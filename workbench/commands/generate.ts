import { parseFlags } from '../../src/cli/parse-flags.ts';
import { GENERATION_FLAGS, generationPlan } from '../generate/generation-plan.ts';
import { interruptible } from '../generate/interruptible.ts';
import { withSites } from '../generate/with-sites.ts';

const HELP = `Computes XANES with FEFF10 for sites of crystals, labels them, and writes JSON lines that train reads.

  npm run workbench -- generate --structures DIR --absorber Fe,Mn --out sites.jsonl
  npm run workbench -- generate --prototypes --absorber Mn,Fe,O --variants 0-3 --out sites.jsonl

  --structures DIR   CIF and POSCAR files: one site of each symmetry class of the absorbers
  --prototypes       the built-in crystals instead
  --crystals LIST    which of these: oxides (default); non-oxides, for the gate: metals, sulphides, nitrides and so on,
                     without oxidation states; or copper-oxides, which the energy scale of FEFF10 is fitted on
  --variants A-B     of the built-in crystals: 0 is the crystal itself, others are strained and rattled (default: 0)
  --absorber LIST    elements whose K edge is computed, in this order (default: Mn,Fe,O)
  --out FILE         JSON lines; sites that are in it already are skipped (default: sites.jsonl)
  --limit N          at most so many sites in this run
  --feff DIR         an installed FEFF10, folder of its programs (default: the wheel feff10-rs in the tools folder)
  --timeout S        wall seconds a site may take (default: 1800)
  --workers N        sites computed at a time (default: 1)
  --retry            try again what failed before (FILE.failed.jsonl)
  --list             only name the sites that would be computed
  --deck ID          only print FEFF's input for a site
  --tools DIR        where Python, FEFF10 and pymatgen are, or are put on the first run (default: .cache/engine)
  --help

A site costs 60 to 100 s of CPU. An interrupt (Ctrl-C) ends at once and loses only the sites in the making; the same
command goes on. What fails is written to FILE.failed.jsonl with its reason, and the rest goes on.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({ args, options: GENERATION_FLAGS });
  if (flags.help) return console.log(HELP);
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
