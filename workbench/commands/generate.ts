import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { CrystalServer, setUpPython, TOOLS_FOLDER } from '../generate/python-tools.ts';
import { type Feff, feffAt, runFeff } from '../generate/run-feff.ts';
import { appendLine, failureFile, idsIn, siteRecord } from '../generate/site-record.ts';
import {
  CRYSTALS,
  type Crystals,
  prototypeTasks,
  readPrototypes,
  structureFiles,
  structureTasks,
  type Task,
} from '../generate/tasks.ts';
import { CLUSTER_RADIUS, type DescribedSite, SCF_RADIUS, writeDeck } from '../generate/write-deck.ts';
import { wholeNumber } from '../number-flags.ts';

const HELP = `Computes XANES with FEFF10 for sites of crystals, labels them, and writes JSON lines that \`npm run train\` reads.

  npm run workbench -- generate --structures DIR --absorber Fe,Mn --out sites.jsonl
  npm run workbench -- generate --prototypes --absorber Mn,Fe,O --variants 0-3 --out sites.jsonl

  --structures DIR   CIF and POSCAR files: one site of each symmetry class of the absorbers
  --prototypes       the built-in crystals instead
  --crystals LIST    which of these: oxides (default); non-oxides, for the gate: metals, sulphides, nitrides and so on, without
                     oxidation states; or copper-oxides, which the energy scale of FEFF10 is fitted on
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

A site costs 60 to 100 s of CPU. An interrupt (Ctrl-C) ends at once and loses only the sites in the making; the same command
goes on. What fails is written to FILE.failed.jsonl with its reason, and the rest goes on.`;

/** What the command was called with. */
let flags: ReturnType<typeof readOptions>;

const readOptions = (args: readonly string[]) =>
  parseFlags({
    args,
    options: {
      structures: { type: 'string' },
      prototypes: { type: 'boolean', default: false },
      crystals: { type: 'string', default: 'oxides' },
      variants: { type: 'string', default: '0' },
      absorber: { type: 'string', default: 'Mn,Fe,O' },
      out: { type: 'string', default: 'sites.jsonl' },
      limit: { type: 'string' },
      feff: { type: 'string' },
      timeout: { type: 'string', default: '1800' },
      workers: { type: 'string', default: '1' },
      retry: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      deck: { type: 'string' },
      tools: { type: 'string', default: TOOLS_FOLDER },
      help: { type: 'boolean', default: false },
    },
  }).values;

/** Ends the run at once: Ctrl-C, or a termination of the process. */
const interrupted = new AbortController();

export async function run(args: readonly string[]): Promise<void> {
  flags = readOptions(args);
  if (flags.help) return console.log(HELP);
  process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
  process.once('SIGTERM', () => interrupted.abort(new Error('interrupted')));
  try {
    await generate();
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
  }
  if (interrupted.signal.aborted) {
    console.error('interrupted: the same command goes on from here');
    process.exitCode = 130;
  }
}

async function generate(): Promise<void> {
  if ((flags.structures === undefined) === !flags.prototypes)
    throw new Error('Expected either --structures DIR or --prototypes');
  const plan = {
    limit: wholeNumber('limit', flags.limit ?? String(Number.MAX_SAFE_INTEGER)),
    timeoutMs: 1000 * wholeNumber('timeout', flags.timeout),
    workers: wholeNumber('workers', flags.workers),
  };
  const variants = variantsFlag();
  const python = await setUpPython(flags.tools, say, interrupted.signal);
  const feff = feffAt(flags.feff, python);
  const crystals = new CrystalServer(python);
  try {
    const tasks = await findTasks(crystals, variants);
    if (flags.deck !== undefined) return console.log(await deckOf(crystals, tasks, flags.deck));

    const done = idsIn(flags.out);
    const failed = flags.retry ? new Set<string>() : idsIn(failureFile(flags.out));
    const open = tasks.filter(({ id }) => !done.has(id) && !failed.has(id)).slice(0, plan.limit);
    if (flags.list) return console.log(open.map(({ id }) => id).join('\n'));
    say(
      `${tasks.length} sites, ${done.size} done and ${failed.size} failed before; ${open.length} to compute`,
    );
    mkdirSync(dirname(flags.out), { recursive: true });
    await computeAll(open, crystals, feff, plan);
  } finally {
    await crystals.close();
  }
}

async function findTasks(crystals: CrystalServer, variants: readonly number[]): Promise<Task[]> {
  const elements = flags.absorber.split(',').map((element) => element.trim());
  if (flags.structures === undefined)
    return prototypeTasks(readPrototypes(crystalsFlag()), elements, variants);
  const tasks: Task[] = [];
  for (const file of structureFiles(flags.structures)) {
    try {
      const { sites } = await crystals.ask<{ sites: { index: number; element: string }[] }>({
        ask: 'sites',
        file,
        elements,
      });
      tasks.push(...structureTasks(file, sites));
    } catch (error) {
      say(`${file} left out: ${(error as Error).message}`);
    }
  }
  return tasks;
}

async function deckOf(crystals: CrystalServer, tasks: readonly Task[], id: string): Promise<string> {
  const task = tasks.find((candidate) => candidate.id === id);
  if (task === undefined)
    throw new Error(`Expected --deck to be one of the ids that --list names, got ${id}`);
  return writeDeck(await describe(crystals, task), task.id, '0.2 3');
}

function describe(crystals: CrystalServer, task: Task): Promise<DescribedSite> {
  return crystals.ask<DescribedSite>({ ...task.request, radius: CLUSTER_RADIUS, scfRadius: SCF_RADIUS });
}

async function computeAll(
  open: readonly Task[],
  crystals: CrystalServer,
  feff: Feff,
  plan: { readonly timeoutMs: number; readonly workers: number },
): Promise<void> {
  const queue = open.entries();
  let failures = 0;
  const work = async (): Promise<void> => {
    for (const [i, task] of queue) {
      const started = performance.now();
      const place = `${i + 1}/${open.length} ${task.id}`;
      const limit = AbortSignal.timeout(plan.timeoutMs);
      try {
        const site = await describe(crystals, task);
        const computed = await runFeff(feff, site, task.id, AbortSignal.any([interrupted.signal, limit]));
        appendLine(flags.out, siteRecord(task, site, computed));
        say(
          `${place}: OS ${site.labels.OS}, CN ${site.labels.CN}, ${computed.cpuSeconds.toFixed(0)} s of CPU`,
        );
      } catch (error) {
        interrupted.signal.throwIfAborted();
        failures += 1;
        const reason = limit.aborted ? `timeout after ${flags.timeout} s` : (error as Error).message;
        const seconds = Math.round((performance.now() - started) / 1000);
        appendLine(failureFile(flags.out), { id: task.id, reason, seconds });
        say(`${place} FAILED: ${reason}`);
      }
    }
  };
  await Promise.all(Array.from({ length: plan.workers }, work));
  say(`${open.length - failures} sites written to ${flags.out}, ${failures} failed`);
}

function crystalsFlag(): Crystals {
  if (!Object.hasOwn(CRYSTALS, flags.crystals))
    throw new Error(`Expected --crystals to be ${Object.keys(CRYSTALS).join(', ')}, got ${flags.crystals}`);
  return flags.crystals as Crystals;
}

function variantsFlag(): number[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(flags.variants);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? first);
  if (match === null || last < first)
    throw new Error(`Expected --variants like 0 or 1-3, got ${flags.variants}`);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function say(text: string): void {
  console.error(text);
}
