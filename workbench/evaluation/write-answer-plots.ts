import { join } from 'node:path';
import { DESCRIPTOR_NAMES, DESCRIPTORS, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { heatMap } from '../report/plots/heat-map.ts';
import { scatter } from '../report/plots/scatter.ts';
import type { Answer } from './judge-sites.ts';
import { likeliest } from './score.ts';

/** A confusion matrix of each class and a scatter plot of each real, of plain predictions; the files' names. */
export async function writeAnswerPlots(
  folder: string,
  answers: readonly Answer[],
  title: string,
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of DESCRIPTOR_NAMES) {
    const pairs = answers.flatMap(({ site, prediction }) => {
      const truth = site.labels[name];
      const output = prediction.outputs[name];
      return truth === undefined || output === undefined ? [] : [{ truth, said: likeliest(output) }];
    });
    if (pairs.length === 0) continue;
    const file = join(folder, `${name}.svg`);
    await (DESCRIPTORS[name].kind === 'class' ? confusion : against)(name, pairs, title, file);
    files.push(file);
  }
  return files;
}

type Pair = { readonly truth: number; readonly said: number };

async function confusion(
  name: DescriptorName,
  pairs: readonly Pair[],
  title: string,
  file: string,
): Promise<void> {
  const classes = [...new Set(pairs.flatMap(({ truth, said }) => [truth, said]))].sort((a, b) => a - b);
  const values = classes.map((row) =>
    classes.map((column) => pairs.filter(({ truth, said }) => truth === row && said === column).length),
  );
  await heatMap({
    title: `${name}, ${title}`,
    x: 'predicted',
    y: 'true',
    columns: classes,
    rows: classes,
    values,
    file,
  });
}

async function against(
  name: DescriptorName,
  pairs: readonly Pair[],
  title: string,
  file: string,
): Promise<void> {
  const { unit } = DESCRIPTORS[name];
  const inUnit = (word: string) => `${word} ${name}${unit === '' ? '' : `, ${unit}`}`;
  await scatter({
    title: `${name}, ${title}`,
    x: inUnit('true'),
    y: inUnit('predicted'),
    points: pairs.map(({ truth: x, said: y }) => ({ x, y })),
    diagonal: true,
    file,
  });
}
