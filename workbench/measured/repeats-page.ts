import { isReject } from '../../src/messages/reject.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { median } from '../report/statistics.ts';
import type { AnsweredStandard } from './answer-standards.ts';
import { sampleOf } from './manifest.ts';
import { repeatNoise } from './repeat-noise.ts';

const HEAD = [
  'sample',
  'repeats',
  'points',
  'estimate from one scan',
  'repeats, point to point',
  'repeats, value',
  'estimate over point to point',
];

/** The page of noise from one scan beside the spread of the repeats of its sample. */
export function repeatsPage(answered: readonly AnsweredStandard[]): string {
  const samples = new Map<string, AnsweredStandard[]>();
  for (const each of answered) {
    const sample = sampleOf(each.standard);
    samples.set(sample, [...(samples.get(sample) ?? []), each]);
  }
  const compared = [...samples].flatMap(([sample, of]) => compare(sample, of));
  const apart = compared.filter(({ noise }) => noise === null).length;
  const ratios: number[] = [];
  const rows = compared.flatMap(({ sample, repeats, estimate, noise }) => {
    if (noise === null) return [];
    const ratio = estimate / noise.pointToPoint;
    ratios.push(ratio);
    const figures = [estimate, noise.pointToPoint, noise.spread].map((figure) => figure.toFixed(5));
    return [[sample, repeats, noise.points, ...figures, ratio.toFixed(2)]];
  });
  const outcome =
    ratios.length === 0
      ? 'No sample has repeats.'
      : `Over ${ratios.length} samples the estimate is ${median(ratios).toFixed(2)} times the noise of the repeats in ` +
        `the median, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} times at the extremes. ` +
        `${apart} more samples have repeats on other energies, which cannot be compared point by point.`;
  return `# Noise from one scan, and from repeats

\`npm run workbench -- measured\`. The estimate of the stream looks at one scan alone (median over the repeats; past the
edge, over the edge step). The repeats' noise is the robust standard deviation of a point about their mean: of the
change from one point to the next, which no drift touches, and of the value itself, where drifts of normalisation and
energy between the scans come in.

${outcome}

${markdownTable(HEAD, rows)}`;
}

/** Of a sample with repeats; `noise` is null where these are on other energies. */
type Compared = {
  readonly sample: string;
  readonly repeats: number;
  readonly estimate: number;
  readonly noise: ReturnType<typeof repeatNoise>;
};

function compare(sample: string, of: readonly AnsweredStandard[]): Compared[] {
  const scans = of.flatMap(({ scan }) => (isReject(scan) ? [] : [scan]));
  const estimates = of.flatMap((each) =>
    each.reject === null ? [each.prepared.preparation.noise.postEdge] : [],
  );
  if (scans.length < 2 || estimates.length < 2) return [];
  return [{ sample, repeats: scans.length, estimate: median(estimates), noise: repeatNoise(scans) }];
}
