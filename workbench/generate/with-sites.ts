import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { FatalError } from '../../src/errors.ts';
import type { GenerationPlan } from './generation-plan.ts';
import { CrystalServer, setUpPython } from './python-tools.ts';
import { type Feff, feffAt, runFeff } from './run-feff.ts';
import { appendLine, failureFile, idsIn, siteRecord } from './site-record.ts';
import { prototypeTasks, readPrototypes, structureFiles, structureTasks, type Task } from './tasks.ts';
import { CLUSTER_RADIUS, type DescribedSite, SCF_RADIUS, writeDeck } from './write-deck.ts';

type Say = (line: string) => void;

/**
 * The sites of a plan with the tools that compute them. Set up on the first call: Python, FEFF10 and pymatgen.
 * @param signal ends whatever runs, at once; what runs then throws its reason
 * @param use gets the sites, and what can be done with them; the tools are closed after it
 */
export async function withSites(
  plan: GenerationPlan,
  { signal, say }: { readonly signal: AbortSignal; readonly say: Say },
  use: (sites: Sites) => Promise<void>,
): Promise<void> {
  const python = await setUpPython(plan.tools, say, signal);
  const feff = feffAt(plan.feff, python);
  const crystals = new CrystalServer(python);
  try {
    const tasks = await findTasks(plan, crystals, say);
    const done = idsIn(plan.out);
    const failed = plan.retry ? new Set<string>() : idsIn(failureFile(plan.out));
    const open = tasks.filter(({ id }) => !done.has(id) && !failed.has(id)).slice(0, plan.limit);
    await use({
      open: open.map(({ id }) => id),
      deckOf: (id) => deckOf(crystals, tasks, id),
      async compute() {
        const before = `${tasks.length} sites, ${done.size} done and ${failed.size} failed before`;
        say(`${before}; ${open.length} to compute`);
        mkdirSync(dirname(plan.out), { recursive: true });
        await computeAll(open, plan, { crystals, feff, signal, say });
      },
    });
  } finally {
    await crystals.close();
  }
}

export type Sites = {
  /** Ids of those that are not computed yet. */
  readonly open: readonly string[];
  /** FEFF's input for a site. */
  deckOf(id: string): Promise<string>;
  /** Computes what is open, and appends it to the plan's file; what fails goes to the file of failures. */
  compute(): Promise<void>;
};

async function findTasks(
  { from, elements }: GenerationPlan,
  crystals: CrystalServer,
  say: Say,
): Promise<Task[]> {
  if ('crystals' in from) return prototypeTasks(readPrototypes(from.crystals), elements, from.variants);
  const tasks: Task[] = [];
  for (const file of structureFiles(from.structures)) {
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
    throw new FatalError(`Expected --deck to be one of the ids that --list names, got ${id}`);
  return writeDeck(await describe(crystals, task), task.id, '0.2 3');
}

function describe(crystals: CrystalServer, task: Task): Promise<DescribedSite> {
  return crystals.ask<DescribedSite>({ ...task.request, radius: CLUSTER_RADIUS, scfRadius: SCF_RADIUS });
}

async function computeAll(
  open: readonly Task[],
  { out, timeoutS, workers }: GenerationPlan,
  tools: {
    readonly crystals: CrystalServer;
    readonly feff: Feff;
    readonly signal: AbortSignal;
    readonly say: Say;
  },
): Promise<void> {
  const { crystals, feff, signal, say } = tools;
  const queue = open.entries();
  let failures = 0;
  const work = async (): Promise<void> => {
    for (const [i, task] of queue) {
      const started = performance.now();
      const place = `${i + 1}/${open.length} ${task.id}`;
      const limit = AbortSignal.timeout(1000 * timeoutS);
      try {
        const site = await describe(crystals, task);
        const computed = await runFeff(feff, site, task.id, AbortSignal.any([signal, limit]));
        appendLine(out, siteRecord(task, site, computed));
        const { OS, CN } = site.labels;
        say(`${place}: OS ${OS}, CN ${CN}, ${computed.cpuSeconds.toFixed(0)} s of CPU`);
      } catch (error) {
        signal.throwIfAborted();
        failures += 1;
        const reason = limit.aborted ? `timeout after ${timeoutS} s` : (error as Error).message;
        const seconds = Math.round((performance.now() - started) / 1000);
        appendLine(failureFile(out), { id: task.id, reason, seconds });
        say(`${place} FAILED: ${reason}`);
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  say(`${open.length - failures} sites written to ${out}, ${failures} failed`);
}
