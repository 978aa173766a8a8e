import { DESCRIPTORS } from '../../src/messages/descriptor-names.ts';
import { RULES, TOLERANCE } from '../calibration/judge-elements.ts';
import { successBound } from '../calibration/success-bound.ts';
import type { Site } from '../data/dataset.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { fixed, percent } from '../report/number-formats.ts';
import { countsOf } from '../report/statistics.ts';
import { acceptedOf } from './accepted.ts';
import { intervalByFamilies } from './by-families.ts';
import { LEARNED, SIGMAS } from './oxygen-sites.ts';
import { type Reading, scoreOf } from './reading.ts';

/** What the paper states (arXiv 2603.27684) of its 50,000 sites and its own split. */
const PAPER: Readonly<Record<(typeof LEARNED)[number], number>> = {
  CN: 0.951,
  CN2: 0.827,
  PSGO: 0.606,
  NNOSM: 0.951,
  NNRS: 0.844,
};

/** What reads no spectrum. */
export const CONSTANT = 'constant';

/** One way of reading oxygen, by noise. */
export type OxygenWay = {
  readonly name: string;
  readonly readings: ReadonlyMap<number, readonly Reading[]>;
};

/** docs/tables/oxygen.md. */
export function oxygenPage(sites: readonly Site[], ways: readonly OxygenWay[]): string {
  const materials = new Set(sites.map(({ material }) => material)).size;
  const families = new Set(sites.map(({ group }) => group)).size;
  const { accuracy, confidence, leastConfidence } = RULES;
  return `# Oxygen absorbers

${sites.length} O K-edge spectra (FEFF10) of ${materials} materials and ${families} families, in data/battery-feff10,
data/battery-extended and data/oxygen-feff10. Made by \`npm run workbench -- evaluate-oxygen\`; with more sites it is
run again. Five folds by family: each site is read by models that saw nothing of its family. Weighted F1 of CN, CN2 and
PSGO, R2 of NNOSM and NNRS. The sixth descriptor, OS, is -2 for all of them: nothing to learn, and nothing to score.

**FEFF's O K edge is weak physics.** The peaks before the edge are 2p states that share the metal's empty 3d states.
FEFF gives them by one electron in a muffin-tin potential: no multiplets, no correction of the 3d levels for their
correlation, and so no more than rough heights and splittings. What is said here is said of such spectra, and nothing of
a measured one.

**The sites are few.** The paper's table is of 50,000, and its split is its own; here whole families are unseen.

## Noise-free

With 95% intervals by drawing whole families anew. \`${CONSTANT}\`: the most frequent class of the other families, or
their mean; \`as it is\`: the model's cross-fit with what it has learned of oxygen; \`fine-tuned\`: gone on from it with
the oxygen of the other families; \`from scratch\`: that oxygen alone.

${markdownTable(
  ['', ...LEARNED],
  [
    ['the paper', ...LEARNED.map((name) => fixed(PAPER[name]))],
    ...ways.map(({ name, readings }) => [name, ...cellsWithIntervals(readings.get(0)!)]),
  ],
)}
How often each class is true, and the spread of the reals:

${markdownTable(
  ['', ''],
  LEARNED.map((name) => [name, distributionOf(name, sites)]),
)}
## With noise

White noise of sigma on each point, added before preparation.

${markdownTable(
  ['', 'sigma', ...LEARNED],
  ways
    .filter(({ name }) => name !== CONSTANT)
    .flatMap(({ name, readings }) =>
      SIGMAS.map((sigma) => [
        name,
        sigma,
        ...LEARNED.map((each) => fixed(scoreOf(each, readings.get(sigma)!))),
      ]),
    ),
)}
## What the gate's rule accepts

Of each fold what is at least as confident as the threshold at which the other folds are right ${percent(accuracy, 0)}
of the time by the Clopper-Pearson bound (${percent(confidence, 0)}), never below ${leastConfidence}; NNOSM is right
within ${TOLERANCE.NNOSM}, NNRS within ${TOLERANCE.NNRS} angstrom. It takes ${fewestWithoutError()} sites without an
error to show as much. The shipped gate accepts nothing of oxygen ([gating](../workbench/gating.md#what-it-rests-on)).

${gateTable(ways)}`;
}

/** Of the ways that state a confidence, at each noise at which something is accepted. */
function gateTable(ways: readonly OxygenWay[]): string {
  const rows = ways.flatMap(({ name, readings }) =>
    SIGMAS.flatMap((sigma) => {
      const each = LEARNED.map((learned) => acceptedOf(learned, readings.get(sigma)!));
      if (each.every(({ accepted }) => accepted === 0)) return [];
      return [[name, sigma, ...each.map(({ sites, accepted, right }) => `${sites}, ${accepted}, ${right}`)]];
    }),
  );
  if (rows.length === 0) return 'Nothing is accepted of any network, clean or with noise.\n';
  const table = markdownTable(['', 'sigma', ...LEARNED], rows);
  return `Sites, accepted, right of these; what is not in the table accepts nothing.\n\n${table}`;
}

function cellsWithIntervals(readings: readonly Reading[]): string[] {
  return LEARNED.map((name) => {
    const interval = intervalByFamilies(name, readings);
    const score = fixed(scoreOf(name, readings));
    return interval === null ? score : `${score} [${fixed(interval[0], 2)}, ${fixed(interval[1], 2)}]`;
  });
}

function distributionOf(name: (typeof LEARNED)[number], sites: readonly Site[]): string {
  const labels = sites.flatMap((site) => site.labels[name] ?? []).sort((a, b) => a - b);
  if (DESCRIPTORS[name].kind === 'real') return `${fixed(labels[0], 2)} to ${fixed(labels.at(-1), 2)}`;
  return [...countsOf(labels)].map(([label, count]) => `${label}: ${count}`).join(', ');
}

/** So many trials, all right, show the accuracy target. */
function fewestWithoutError(): number {
  let trials = 1;
  while (successBound(trials, trials, RULES.confidence) < RULES.accuracy) trials++;
  return trials;
}
