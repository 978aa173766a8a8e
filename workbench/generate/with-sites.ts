import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FatalError } from '../../src/common/errors.ts';
import type { GenerationPlan } from './generation-plan.ts';
import { CrystalServer, setUpPython } from './python-tools.ts';
import { quenchCells } from './quench-cells.ts';
import { relaxCells } from './relax-cells.ts';
import { type Feff, feffAt, runFeff } from './run-feff.ts';
import { type Collector, queueConnection, type SiteJob, throughQueue } from './site-queue.ts';
import { appendLine, cellsFolder, failureFile, idsIn, type SiteRecord, siteRecord } from './site-record.ts';
import {
  cellTasks,
  prototypeTasks,
  readPrototypes,
  structureFiles,
  structureTasks,
  type Task,
} from './tasks.ts';
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
    const tasks = await findTasks(plan, crystals, { signal, say });
    const published = plan.besides.map((folder) => join(folder, 'sites.jsonl'));
    const done = new Set([plan.out, ...published].flatMap((file) => [...idsIn(file)]));
    const failed = plan.retry ? new Set<string>() : idsIn(failureFile(plan.out));
    const open = tasks.filter(({ id }) => !done.has(id) && !failed.has(id)).slice(0, plan.limit);
    await use({
      open: open.map(({ id }) => id),
      deckOf: (id) => deckOf(crystals, tasks, id),
      async compute() {
        const known = (ids: ReadonlySet<string>) => tasks.filter(({ id }) => ids.has(id)).length;
        const before = `${tasks.length} sites, ${known(done)} done and ${known(failed)} failed before`;
        say(`${before}; ${open.length} to compute`);
        mkdirSync(dirname(plan.out), { recursive: true });
        const tools = { crystals, feff, signal, say };
        await (plan.queue === undefined ? computeHere : computeElsewhere)(open, plan, tools);
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
  { from, elements, out, tools }: GenerationPlan,
  crystals: CrystalServer,
  { signal, say }: { readonly signal: AbortSignal; readonly say: Say },
): Promise<Task[]> {
  if ('amorphous' in from) {
    const cells = await quenchCells(from.amorphous, cellsFolder(out), { crystals, tools, signal, say });
    return cellTasks(cells, elements);
  }
  if ('relaxed' in from) {
    const cells = await relaxCells(from.relaxed, elements, cellsFolder(out), {
      crystals,
      tools,
      signal,
      say,
    });
    return cellTasks(cells, elements);
  }
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

type Tools = {
  readonly crystals: CrystalServer;
  readonly feff: Feff;
  readonly signal: AbortSignal;
  readonly say: Say;
};

async function computeHere(open: readonly Task[], plan: GenerationPlan, tools: Tools): Promise<void> {
  const { crystals, feff, signal, say } = tools;
  const kept = collectorFor(plan, say, open.length);
  const queue = open.values();
  const work = async (): Promise<void> => {
    for (const task of queue) {
      try {
        const site = await describe(crystals, task);
        kept.done(await computeSite(feff, { task, site }, plan.timeoutS, signal));
      } catch (error) {
        signal.throwIfAborted();
        kept.failed(task.id, (error as Error).message);
      }
    }
  };
  await Promise.all(Array.from({ length: plan.workers }, work));
  kept.tell();
}

async function computeElsewhere(
  open: readonly Task[],
  plan: GenerationPlan,
  { crystals, signal, say }: Tools,
): Promise<void> {
  const tasks = new Map(open.map((task) => [task.id, task]));
  const kept = collectorFor(plan, say, open.length);
  const jobOf = async (id: string) => {
    const { request: _, ...task } = tasks.get(id)!;
    return { task, site: await describe(crystals, tasks.get(id)!) };
  };
  await throughQueue(queueConnection(plan.queue!, 'queue'), [...tasks.keys()], jobOf, kept, { signal, say });
  kept.tell();
}

/** Appends what was computed to the plan's file, and what failed to the file of failures, and says so. */
function collectorFor({ out }: GenerationPlan, say: Say, total: number): Collector & { tell(): void } {
  let [done, failures] = [0, 0];
  const place = (): string => `${done + failures}/${total}`;
  return {
    done(record) {
      done += 1;
      appendLine(out, record);
      const { id, labels, feff } = record;
      say(`${place()} ${id}: OS ${labels.OS}, CN ${labels.CN}, ${feff.cpuSeconds.toFixed(0)} s of CPU`);
    },
    failed(id, reason) {
      failures += 1;
      appendLine(failureFile(out), { id, reason });
      say(`${place()} ${id} FAILED: ${reason}`);
    },
    tell: () => say(`${done} sites written to ${out}, ${failures} failed`),
  };
}

/**
 * One site, whatever asked for it.
 * @throws Error with the reason where FEFF fails or takes longer than `timeoutS`; the signal's where that is aborted
 */
export async function computeSite(
  feff: Feff,
  { task, site }: SiteJob,
  timeoutS: number,
  signal: AbortSignal,
): Promise<SiteRecord> {
  const limit = AbortSignal.timeout(1000 * timeoutS);
  try {
    return siteRecord(task, site, await runFeff(feff, site, task.id, AbortSignal.any([signal, limit])));
  } catch (error) {
    signal.throwIfAborted();
    throw limit.aborted ? new Error(`timeout after ${timeoutS} s`) : error;
  }
}
