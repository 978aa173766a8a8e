import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { markdownTable } from '../report/markdown-table.ts';
import type { CrossFitAnswer } from './cross-fit-answers.ts';
import { plainScore, scoreDescriptors } from './score.ts';
import { standingOfLabels } from './standing-of-labels.ts';

/** Of a set, of its metals, or of one absorber of it. */
export type CrossFitScore = {
  readonly name: string;
  readonly sites: number;
  /** Weighted F1 of classes, R2 of reals. */
  readonly figures: Readonly<Partial<Record<DescriptorName, number>>>;
};

/** By name, the parts of a set before the whole. */
export function crossFitScores(answers: readonly CrossFitAnswer[]): CrossFitScore[] {
  const groups = new Map<string, CrossFitAnswer[]>();
  for (const each of answers) {
    const { set, site } = each;
    const metals = site.element === 'O' || set === 'cu-feff9' ? [] : [`${set}, metals`];
    for (const name of [set, `${set}, ${site.element}`, ...metals])
      groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  const last = (name: string) => `${name}~`; // behind every other letter
  const ordered = [...groups].sort(([a], [b]) => (last(a) < last(b) ? -1 : 1));
  return ordered.map(([name, own]) => {
    const scores = scoreDescriptors(
      own.map(({ prediction }) => prediction),
      own.map(({ site }) => site.labels),
    );
    const figures = scores.map((score) => [score.name, Number(plainScore(score).toFixed(3))] as const);
    return { name, sites: own.length, figures: Object.fromEntries(figures) };
  });
}

/** The page of what a model says of materials and families that it has not seen. */
export function crossFitPage(
  id: string,
  scores: readonly CrossFitScore[],
  answers: readonly CrossFitAnswer[],
): string {
  return `# ${id}: materials and families not seen

Made by \`npm run workbench -- evaluate-cross-fit\`. Each site is judged by the one of five models that saw no site of
its material (cu-feff9, tm-feff9) or prototype family (battery-feff10). Noise-free; weighted F1 of classes, R2 of reals
(which means little where the true values hardly differ, or sites are few). Of tm-feff9 the sites with true labels
alone.

${crossFitTable(scores)}${standingOfLabels(answers)}`;
}

export function crossFitTable(scores: readonly CrossFitScore[]): string {
  return markdownTable(
    ['set', 'sites', ...DESCRIPTOR_NAMES],
    scores.map(({ name, sites, figures }) => {
      return [name, sites, ...DESCRIPTOR_NAMES.map((descriptor) => figures[descriptor]?.toFixed(3) ?? '')];
    }),
  );
}

/** Whole sets alone, for programs. */
export function crossFitJson(id: string, scores: readonly CrossFitScore[], sets: Iterable<string>): string {
  const names = new Set(sets);
  const whole = scores.filter(({ name }) => names.has(name));
  const json = {
    model: id,
    sets: Object.fromEntries(whole.map(({ name, sites, figures }) => [name, { sites, ...figures }])),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
