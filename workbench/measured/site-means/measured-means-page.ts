import type { Manifest } from '../../../src/model/manifest.ts';
import { markdownTable } from '../../report/markdown-table.ts';
import type { fitMeasuredMeans } from './fit-measured-means.ts';
import type { ShiftFit } from './fit-shifts-to-means.ts';

/** docs/tables/measured-means.md. */
export function measuredMeansPage(
  { id, references }: Pick<Manifest, 'id' | 'references'>,
  shifts: readonly ShiftFit[],
  { measured, change, anchored }: ReturnType<typeof fitMeasuredMeans>,
): string {
  const shiftOf = (element: string) =>
    references.find((reference) => reference.element === element)?.meansShiftEv ?? 0;
  const { floor, ofSpan, ofBeyond, factor } = measured.anchored;
  const factors = Object.entries(factor).flatMap(([element, own]) =>
    element === 'other' ? [] : [`of ${element} ${own}`],
  );
  return `# Mean oxidation states of measured samples, model ${id}

\`npm run workbench -- fit-measured-means\` makes this page.

## Energy shifts
What is added to a measured scan, besides the shift at which measured oxides look most like computed ones, before its
means are read. Each compound or series is left out in turn, and read with the shift that the others give.

${markdownTable(
  [
    'element',
    'shift, eV',
    'sigma, eV',
    'left out',
    'scans',
    'shift of the others, eV',
    'mean error',
    'mean size of error',
  ],
  shifts.flatMap(({ element, shiftEv, sigmaEv, groups }) =>
    groups.map(({ group, scans, othersEv, bias, error }, i) => [
      ...(i === 0 ? [element, (shiftOf(element) + shiftEv).toFixed(1), sigmaEv.toFixed(2)] : ['', '', '']),
      ...[group, scans, (shiftOf(element) + othersEv).toFixed(1), bias.toFixed(2), error.toFixed(2)],
    ]),
  ),
)}
What theory is off by beside its own uncertainty, in oxidation states (standard deviation):
${Object.entries(measured.domain)
  .map(([element, sigma]) => `${element} ${sigma}`)
  .join(', ')}.

## Change within a run
The edge moves ${measured.change.evPerUnit} eV for a unit; the half of a 90% interval is ${measured.change.floor} and
${measured.change.share} of the change. Each series is left out in turn; every pair of its scans is a change.

${markdownTable(
  [
    'series',
    'pairs',
    'eV a unit',
    'right sign, changes of 0.15 and more',
    'mean size of error',
    'interval holds',
  ],
  change.map(({ name, pairs, slope, rightSign, error, coverage }) => [
    ...[name, pairs, slope.toFixed(1), rightSign.toFixed(2), error.toFixed(2), coverage.toFixed(2)],
  ]),
)}
## Between two standards
The half of a 90% interval is ${factor.other} (${factors.join(', ')}) times ${floor} and the root of the sum of
squares of the spread of the readings, ${ofSpan} of the distance of the standards and ${ofBeyond} of how far the reading
lies beyond them. Every two of a series are taken for standards, and each series is left out in turn; the first columns
are of its lowest and its highest alone, the last of readings that lie beyond any two by a quarter of their distance.

${markdownTable(
  [
    'series',
    'scans between the ends',
    'mean size of error',
    'half of the interval',
    'interval holds',
    'readings between any two',
    'interval holds',
    'readings beyond any two',
    'interval holds',
  ],
  anchored.map(({ name, scans, error, half, coverage, readings, coverageOfAny, beyond, coverageBeyond }) => [
    ...[name, scans, error.toFixed(3), half.toFixed(3), coverage.toFixed(2)],
    ...[readings, coverageOfAny.toFixed(2), beyond, beyond === 0 ? '' : coverageBeyond.toFixed(2)],
  ]),
)}`;
}
