import { DESCRIPTOR_NAMES, type DescriptorName } from '../../../src/messages/descriptor-names.ts';
import type { Site } from '../../data/dataset.ts';
import type { Answer } from '../../evaluation/judge-sites.ts';
import { plainScore, scoreDescriptors } from '../../evaluation/score.ts';
import { markdownTable } from '../../report/markdown-table.ts';
import { fixed } from '../../report/number-formats.ts';
import type { CellsRow } from './learn-by-cell.ts';
import type { SignRow } from './signs-of-disorder.ts';
import type { SoftRow } from './soft-coordination.ts';

/** What a glass has more than one value of: the order of the point group is 1 everywhere. */
const SCORED = DESCRIPTOR_NAMES.filter((name) => !['PSGO', 'NNOSM'].includes(name));
const JUDGED = ['OS', 'CN', 'OCN'] as const;

export type AmorphousPage = {
  /** Name and weights of the shipped model. */
  readonly shipped: string;
  readonly metals: readonly Site[];
  /** As it is alone. */
  readonly oxygens: readonly Answer[];
  readonly rows: readonly CellsRow[];
  readonly signs: readonly SignRow[];
  readonly crystals: number;
  readonly soft: readonly SoftRow[];
};

/** docs/tables/amorphous.md */
export function amorphousPage({
  shipped,
  metals,
  oxygens,
  rows,
  signs,
  crystals,
  soft,
}: AmorphousPage): string {
  const cells = new Set(metals.map(({ material }) => material)).size;
  const elements = [...new Set(metals.map(({ element }) => element))].sort();
  return `# Amorphous oxides

Made by \`npm run workbench -- amorphous\`. ${metals.length} metal sites (${elements.join(', ')}) of ${cells}
melt-quenched cells ([data/amorphous](../../data/amorphous/README.md)); of its ${oxygens.length} oxygens the model is
asked as it is alone. Noise-free spectra through the processor's own preparation; weighted F1 of classes, R2 of NNRS
and MOOD. The model is ${shipped}, which learned from crystals alone. Every cell is
judged by models that saw no site of it; where not all other sites are given, by three that drew other ones. A network
from scratch does not answer of an absorber that no other cell has: such sites are left out of its row.

## By descriptor

${markdownTable(
  ['', 'learned from', 'answers', ...SCORED],
  rows.map((row) => [row.way, row.size, row.answers.length, ...scores(row.answers)]),
)}
By element, as it is and fine-tuned on all other cells:

${markdownTable(
  ['', 'sites', '', ...SCORED],
  [...byElement(rows, elements), ['O', oxygens.length, 'as it is', ...scores(oxygens)]],
)}
## What the gate accepts

Accepted of the labelled answers, and right of these. The gate is the shipped one throughout: it judges by the embedding
and the means of the shipped model and sees the other's classes, so that its rows after the first show what it would do
with a model that it was not calibrated for.

${markdownTable(
  ['', 'learned from', ...JUDGED],
  rows.map((row) => [row.way, row.size, ...JUDGED.map((name) => acceptedOf(row.answers, name))]),
)}
As it is, CN by what is true and what is said:

${confusion(rows[0]!.answers)}
## What would tell disorder

What becomes of the CN that the gate accepts if values were flagged beyond a limit that leaves 95% of crystals
(${crystals} FEFF10 sites of the same metals, of families that the model of the cross-fit had not seen). Only the first
row is in force.

${markdownTable(
  ['sign', 'limit', 'amorphous sites beyond', 'CN still accepted', 'right of these'],
  signs.map(({ sign, limit, beyond, accepted, right }) => [sign, fixed(limit), beyond, accepted, right]),
)}
## Soft coordination

Whether a coordination number without steps is learned better. R2 and mean absolute error, cell by cell: the mean of the
other cells; a ridge regression on the shipped model's embedding, learned from the other cells; the network's own
expected CN, learned from crystals.

${markdownTable(
  ['', 'sites', 'spread', 'mean of others', 'ridge', "network's CN"],
  soft.map(({ target, sites, spread, others, ridge, network }) => [
    ...[target, sites, fixed(spread, 2)],
    ...[others, ridge, network].map(({ r2, mae }) => `${fixed(r2, 2)}, ${fixed(mae, 2)}`),
  ]),
)}`;
}

function byElement(rows: readonly CellsRow[], elements: readonly string[]) {
  const shown = rows.filter(
    ({ way, size }) => way === 'as it is' || (way === 'fine-tuned' && size === 'all'),
  );
  return elements.flatMap((element) =>
    shown.map(({ way, answers }) => {
      const own = answers.filter(({ site }) => site.element === element);
      return [element, own.length, way, ...scores(own)];
    }),
  );
}

/** Empty where no site has the label. */
function scores(answers: readonly Answer[]): string[] {
  const found = scoreDescriptors(
    answers.map(({ prediction }) => prediction),
    answers.map(({ site }) => site.labels),
  );
  return SCORED.map((name) => {
    const score = found.find((each) => each.name === name);
    return score === undefined ? '' : fixed(plainScore(score));
  });
}

/** `12 of 23, 8 right` */
function acceptedOf(answers: readonly Answer[], name: DescriptorName): string {
  const labelled = answers.flatMap(({ site, judgement }) => {
    const said = judgement?.descriptors.find((each) => each.name === name);
    return said === undefined || site.labels[name] === undefined ? [] : [{ said, truth: site.labels[name] }];
  });
  const accepted = labelled.filter(({ said }) => said.verdict === 'ACCEPT');
  const right = accepted.filter(({ said, truth }) => said.value === truth);
  return `${accepted.length} of ${labelled.length}, ${right.length} right`;
}

function confusion(answers: readonly Answer[]): string {
  const pairs = answers.flatMap(({ site, judgement }) => {
    const said = judgement?.descriptors.find(({ name }) => name === 'CN');
    return said === undefined || site.labels.CN === undefined ? [] : [{ truth: site.labels.CN, said }];
  });
  const truths = [...new Set(pairs.map(({ truth }) => truth))].sort();
  const values = [...new Set(pairs.map(({ said }) => said.value))].sort();
  const rows = truths.map((truth) => [
    truth,
    ...values.map((value) => {
      const own = pairs.filter((pair) => pair.truth === truth && pair.said.value === value);
      return `${own.length} (${own.filter(({ said }) => said.verdict === 'ACCEPT').length} accepted)`;
    }),
  ]);
  return markdownTable(['true', ...values.map((value) => `said ${value}`)], rows);
}
