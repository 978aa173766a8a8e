import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { fixed, percent, signed } from '../report/number-formats.ts';
import { isWhole, type Result } from './result.ts';
import { plainFigure } from './score-answers.ts';

/** The page of a sweep: plain predictions under every condition, and what the gate lets pass at every noise. */
export function sweepTables(
  results: readonly Result[],
  about: { readonly model: string; readonly file: string; readonly set: string; readonly image: string },
): string {
  const [clean] = results as [Result];
  const names = Object.keys(clean.descriptors) as DescriptorName[];
  const noisy = results.filter(isWhole);
  const cut = results.filter(({ end }) => end !== null);
  const { sites, refused, decoded, doubtful, seed, weights } = clean;
  const draws = Math.max(...results.map((result) => result.draws));
  const level = clean.level === null ? '' : ` ${100 * clean.level}%`;

  const decodedNote = decoded > 0 ? `; ${decoded} more have decoded labels and are not scored` : '';
  const doubtfulNote =
    doubtful > 0
      ? ` Of ${doubtful} the oxidation state is not scored: their formula does not establish it.`
      : '';
  return `${[
    `# ${clean.model} on ${about.set}`,
    `Made by \`npm run -s evaluate -- --data ${about.file} --sweep --model ${about.model}\` (model ${weights.slice(0, 12)}, seed ${seed}).`,
    `${sites} sites, ${refused} of them refused${decodedNote}.${doubtfulNote} With noise, ${draws} copies of each. Distortions are made before the whole preparation.`,
    `![Figures against noise](${about.image})`,
    '## Plain predictions\n\nWeighted F1 of classes, R2 of reals.',
    table(
      ['', ...names, 'mean', 'change'],
      results.map((result) => [
        condition(result),
        ...names.map((name) => fixed(plainFigure(result.descriptors[name]!))),
        fixed(result.overall),
        result === clean ? '' : change(result.overall, clean.overall),
      ]),
    ),
    `## What the gate lets pass\n\nA real counts as right within the tolerance of the gate's table. "Inside" is the share of all true values inside their${level} intervals, accepted or not; ECE, in brackets what it would be by chance if every confidence were exact, and width as in [training](../workbench/training.md#evaluation).`,
    verdicts('sigma', noisy, names),
    'Noise-free, of scans that end so many eV above E0:',
    verdicts('end', cut, names),
  ].join('\n\n')}\n`;
}

/** A row for each condition and descriptor. */
function verdicts(by: 'sigma' | 'end', results: readonly Result[], names: readonly DescriptorName[]): string {
  return table(
    [by, '', 'values', 'accepted', 'right of these', 'inside', 'ECE', 'width'],
    results.flatMap((result) =>
      names.map((name) => {
        const { n, share, acceptedAccuracy, coverage, ...more } = result.descriptors[name]!;
        const shares = [share, acceptedAccuracy, coverage].map((each) => percent(each));
        const ece = 'ece' in more ? `${fixed(more.ece)} (${fixed(more.eceByChance)})` : '';
        const width = 'width' in more ? fixed(more.width) : '';
        return [`${by === 'sigma' ? result.noise : result.end}`, name, `${n}`, ...shares, ece, width];
      }),
    ),
  );
}

function condition({ noise, gain, tilt, shift, end }: Result): string {
  if (noise !== 0) return `noise ${noise}`;
  if (gain !== 1) return `gain ${gain}`;
  if (tilt !== 0) return `tilt ${tilt}`;
  if (end !== null) return `ends at ${end} eV`;
  return shift === 0 ? 'clean' : `shift ${shift} eV`;
}

const table = (...parts: Parameters<typeof markdownTable>) => markdownTable(...parts).trimEnd();

const change = (value: number | null, from: number | null): string =>
  signed(value === null || from === null ? null : value - from);
