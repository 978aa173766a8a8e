import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Site } from '../data/dataset.ts';
import type { Perturbation } from '../data/perturb.ts';
import { lineChart, type Series } from '../report/plots/line-chart.ts';
import { judgeSites, type Processor } from './judge-sites.ts';
import { isWhole, type Result, resultOf } from './result.ts';
import { sweepTables } from './sweep-tables.ts';

/** One thing wrong at a time. */
export const CONDITIONS: readonly Perturbation[] = [
  ...[0, 0.01, 0.02, 0.05, 0.1].map((noise) => ({ noise })),
  ...[0.95, 1.05].map((factor) => ({ factor })),
  ...[-0.03, 0.03].map((tilt) => ({ tilt })),
  ...[-0.3, 0.3].map((shiftEv) => ({ shiftEv })),
  ...[80, 60, 40, 25].map((endEv) => ({ endEv })),
];

/** Scores the sites under each condition and writes the table and the curves against noise. */
export async function writeSweep(options: {
  readonly processor: Processor;
  readonly model: string;
  readonly set: string;
  /** File of the sites. */
  readonly data: string;
  readonly sites: readonly Site[];
  readonly decoded: number;
  readonly doubtful: number;
  readonly seed: number;
  readonly draws: number;
  readonly out: string;
}): Promise<{ readonly results: readonly Result[]; readonly files: readonly string[] }> {
  const { processor, model, data, set, sites, decoded, doubtful, seed, out } = options;
  const results: Result[] = [];
  for (const perturbation of CONDITIONS) {
    const draws = perturbation.noise ? options.draws : 1;
    const condition = { perturbation, seed, draws };
    const answers = await judgeSites(processor, sites, condition);
    results.push(resultOf(answers, { processor, set, decoded, doubtful, ...condition }));
    console.error(`${results.length} of ${CONDITIONS.length}: ${JSON.stringify(perturbation)}`);
  }
  const name = `sweep-${model.replaceAll(/[^\w.-]+/g, '-')}-${set}`;
  const table = join(out, 'tables', `${name}.md`);
  const image = join(out, 'images', `${name}.svg`);
  const file = `…/${basename(dirname(resolve(data)))}/${basename(data)}`; // the folders above are the user's
  mkdirSync(join(out, 'tables'), { recursive: true });
  writeFileSync(table, sweepTables(results, { model, file, set, image: `../images/${name}.svg` }));
  const series = seriesOf(results);
  await lineChart({
    title: `${results[0]!.model} on ${set}, white noise added before preparation`,
    x: 'noise σ of one point',
    y: '',
    yRange: [0, 1],
    series,
    file: image,
  });
  return { results, files: [table, image] };
}

function seriesOf(results: readonly Result[]): Series[] {
  const noisy = results.filter(isWhole);
  const names = Object.keys(noisy[0]!.descriptors) as (keyof Result['descriptors'])[];
  const curve = (panel: string, name: keyof Result['descriptors'], figures: readonly string[]): Series => ({
    panel,
    name,
    points: noisy.map(({ noise, descriptors }) => {
      const found = Object.entries(descriptors[name] ?? {}).find(([key]) => figures.includes(key));
      return [noise, (found?.[1] as number | null | undefined) ?? Number.NaN];
    }),
  });
  return [
    ...names.map((name) => curve('weighted F1, R² of the plain prediction', name, ['f1', 'r2'])),
    ...names.map((name) => curve('share of values accepted', name, ['share'])),
    ...names.map((name) => curve('share right of those accepted', name, ['acceptedAccuracy'])),
    {
      panel: 'share right of those accepted',
      name: 'target',
      dashed: true,
      points: noisy.map(({ noise }) => [noise, 0.95]),
    },
  ];
}
