import type { GateTable } from '../../../src/gating/gate-table.ts';
import { markdownTable } from '../../report/markdown-table.ts';
import { percent } from '../../report/number-formats.ts';
import { SIGMAS } from './detector-cases.ts';
import { type Detector, type DetectorCase, WITHOUT_LIMIT } from './detectors.ts';
import { limitFor, measuredKinds, passing } from './passing.ts';

/** Of the measured oxides, at which the others are compared. */
const SHARES = [0.5, 0.7, 0.8, 0.9, 0.95];
const COMPUTED = {
  theory: 'sites with oxygen',
  'no oxygen beside': 'sites without',
  distorted: 'distorted spectra',
} as const;

/** The page of what is out of distribution. */
export function detectorPage(
  cases: readonly DetectorCase[],
  detectors: ReadonlyMap<string, Detector>,
  { elements }: Pick<GateTable, 'elements'>,
  id: string,
): string {
  const { oxides, metals, others } = measuredKinds(cases);
  const share = (of: readonly DetectorCase[], detector: Detector, limit: number) =>
    percent(passing(of, detector, limit), 0);
  const groups = (of: readonly DetectorCase[]) => new Set(of.map(({ group }) => group)).size;
  const limited = [...detectors].filter(([name]) => name !== WITHOUT_LIMIT);
  const shipped = limited.map(([name, detector]) => [
    name,
    ...[oxides, metals, others].map((kind) => share(kind, detector, 1)),
  ]);
  const rates = [...detectors].map(([name, detector]) => [
    name,
    ...SHARES.map((kept) => {
      const limit = limitFor(oxides, detector, kept);
      return `${share(metals, detector, limit)}, ${share(others, detector, limit)}`;
    }),
  ]);
  const computed = limited.flatMap(([name, detector]) =>
    Object.entries(COMPUTED).map(([kind, title]) => [
      ...[name, title],
      ...SIGMAS.map((sigma) => {
        const own = cases.filter((each) => each.kind === kind && each.sigma === sigma);
        return share(own, detector, 1);
      }),
    ]),
  );
  const unseen = Object.entries(elements).flatMap(([element, { inDistribution }]) => {
    if (inDistribution === undefined) return [];
    const { oxides, nonOxides } = inDistribution;
    const passed = (of: typeof oxides) => [of.spectra, percent(of.passed / of.spectra, 0)];
    return [[element, ...passed(oxides), ...passed(nonOxides)]];
  });
  return `# What is out of distribution

\`npm run workbench -- evaluate-out-of-distribution\` with ${id}. The detectors were fitted on training spectra,
distortions of them and computed non-oxides (data/non-oxides), their limits set on held-out computed spectra; no
measured scan took part. ${oxides.length} measured scans of ${groups(oxides)} oxides, ${metals.length} of
${groups(metals)} metals, ${others.length} of ${groups(others)} sulphides, nitrides and carbides; each compound counts
once.

At the limits that ship (passed, share of compounds):

${markdownTable(['detector', 'oxides', 'metals', 'sulphides, nitrides, carbides'], shipped)}
Noise-free computed spectra at these limits, as \`npm run workbench -- calibrate\` found them: each oxide was asked of a
network, and each non-oxide of a classifier, that had seen nothing of its group (of oxides its material or family, of
non-oxides its structure type). The limits are percentiles of these oxides, and were chosen with most of these
non-oxides in sight:

${markdownTable(['element', 'unseen oxides', 'passed', 'unseen non-oxides', 'passed'], unseen)}
At limits moved until so many of the measured oxides pass: how many of the metals pass, and of the others:

${markdownTable(['detector', ...SHARES.map((kept) => `${percent(kept, 0)} of oxides`)], rates)}
![False accepts against oxides accepted](../images/novelty.svg)

Computed spectra of cu-feff9 test at the limits that ship, by the noise that was added. Sites without oxygen beside them
are Cu in oxides whose nearest neighbours are other anions or metals; distorted spectra are made as the classifier's
examples were, of other materials:

${markdownTable(['detector', 'spectra', ...SIGMAS.map((sigma) => `sigma ${sigma}`)], computed)}`;
}
