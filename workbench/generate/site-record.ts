import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Computed } from './run-feff.ts';
import type { Task } from './tasks.ts';
import { type DescribedSite, FMS_RADIUS, SCF_RADIUS } from './write-deck.ts';

/** One line of a data file, in the format of battery-feff10. */
export type SiteRecord = ReturnType<typeof siteRecord>;

export function siteRecord(task: Omit<Task, 'request'>, site: DescribedSite, computed: Computed) {
  const { potential } = computed;
  return {
    id: task.id,
    material: task.material,
    ...(task.family === null ? {} : { family: task.family }),
    ...(task.kind === undefined ? {} : { kind: task.kind }),
    ...(task.cell === undefined ? {} : { cell: task.cell }),
    formula: site.formula,
    element: task.element,
    edge: 'K',
    source: 'FEFF10',
    energyEv: computed.energyEv,
    mu: computed.mu,
    labels: site.labels,
    softCn: site.softCn,
    osMethod: site.osMethod,
    ...(site.osEvidence == null ? {} : { osEvidence: site.osEvidence }),
    rattleSigma: site.rattleSigma,
    strain: site.strain,
    neighbours: site.neighbours,
    meanBondLength: site.meanBondLength,
    feff: {
      scfRadius: SCF_RADIUS,
      fmsRadius: FMS_RADIUS,
      atoms: site.atoms.length,
      mixing: computed.mixing,
      ...(computed.repeated.length === 0 ? {} : { repeated: computed.repeated }),
      iterations: potential.iterations,
      fermiLevelEv: potential.fermiLevelEv,
      dCounts: potential.dCounts,
      cpuSeconds: Number(computed.cpuSeconds.toFixed(1)),
    },
  };
}

/** Failures of `sites.jsonl` are in `sites.failed.jsonl`. */
export const failureFile = (out: string): string => out.replace(/(\.jsonl)?$/, '.failed.jsonl');

/** Quenched cells of `sites.jsonl` are in `sites.cells`. */
export const cellsFolder = (out: string): string => out.replace(/(\.jsonl)?$/, '.cells');

/** Ids in a file of JSON lines. A last line cut short by a crash counts as not there. */
export function idsIn(file: string): Set<string> {
  return new Set(linesOf<{ id: string }>(file).map(({ id }) => id));
}

export function linesOf<T>(file: string): T[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as T];
      } catch {
        return [];
      }
    });
}

/** Whole lines only: where a crash cut the last one short, the next begins on a line of its own. */
export function appendLine(file: string, value: object): void {
  const cut = existsSync(file) && !/(^|\n)$/.test(readFileSync(file, 'utf8').slice(-1));
  appendFileSync(file, `${cut ? '\n' : ''}${JSON.stringify(value)}\n`);
}
