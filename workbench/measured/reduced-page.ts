import { WITHIN } from '../../src/messages/prediction.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { percent } from '../report/number-formats.ts';
import { mean } from '../report/statistics.ts';
import { type AnsweredReduced, type Judged, SHARES } from './reduced.ts';
import { shortCompound, verdictText } from './textbook.ts';

type JudgedReduced = Judged<AnsweredReduced>;

/** The page of measured oxides that are metal in part. */
export function reducedPage(answered: readonly AnsweredReduced[], id: string): string {
  const judged = answered.filter((each): each is JudgedReduced => each.reject === null);
  const oxides = new Set(judged.map(({ oxide }) => oxide.file)).size;
  const elements = [...new Set(judged.map(({ oxide }) => oxide.element))];
  const parts = [
    ...(elements.length > 1 ? [['all', judged] as const] : []),
    ...elements.map((element) => [element, judged.filter(({ oxide }) => oxide.element === element)] as const),
  ];
  return `# Oxides on the way to their metal, model ${id}

\`npm run workbench -- measured\`. A catalyst that is being reduced is oxide and metal at once: sums of a measured oxide
and the foil of its element, both normalised, so that the true mean is known. No measured scan took part in training or
calibration; the energy shift of each element was fitted on these oxides, among others. ${judged.length} sums of
${oxides} oxides. The interval is stated at 0.9; a class is right if the true mean lies within ${WITHIN} of it.

![Mean oxidation state that is read, and the true one](../images/measured-reduced.svg)

${markdownTable(
  [
    'element',
    'metal',
    'scans',
    'mean error of the mean OS',
    'in its interval',
    'mean accepted',
    'of these missed',
    'a class accepted',
    'of the classes right',
  ],
  parts.flatMap(([name, own]) =>
    SHARES.map((share) =>
      row(
        name,
        share,
        own.filter((each) => each.share === share),
      ),
    ),
  ),
)}
## Each of them
${markdownTable(
  ['oxide', 'metal', 'true mean', 'read', 'interval', 'verdict', 'out-of-distribution score over its limit'],
  judged.map((each) => {
    const mean = meanOf(each);
    const { outOfDistributionScore, outOfDistributionLimit } = each.judgement;
    return [
      `${shortCompound(each.oxide)} (${each.oxide.file})`,
      percent(each.share, 0),
      each.meanOxidationState.toFixed(2),
      mean.value.toFixed(2),
      `${mean.low.toFixed(2)} to ${mean.high.toFixed(2)}`,
      verdictText(mean),
      (outOfDistributionScore / outOfDistributionLimit).toFixed(2),
    ];
  }),
)}`;
}

export const meanOf = ({ judgement }: JudgedReduced) => judgement.means.find(({ name }) => name === 'OS')!;

function row(element: string, share: number, own: readonly JudgedReduced[]): (string | number)[] {
  const means = own.map((each) => ({ ...meanOf(each), truth: each.meanOxidationState }));
  const accepted = means.filter(({ verdict }) => verdict === 'ACCEPT');
  const holds = ({ low, high, truth }: (typeof means)[number]): boolean => truth >= low && truth <= high;
  const classes = own.flatMap((each) =>
    each.judgement.descriptors.flatMap(({ name, verdict, value }) => {
      const truth = { OS: each.meanOxidationState, CN: each.meanCoordination }[name as 'OS' | 'CN'];
      if (verdict !== 'ACCEPT' || truth === undefined || truth === null) return [];
      return [{ each, right: Math.abs(truth - value) <= WITHIN }];
    }),
  );
  return [
    element,
    percent(share, 0),
    own.length,
    mean(means.map(({ value, truth }) => Math.abs(value - truth))).toFixed(2),
    means.filter(holds).length,
    accepted.length,
    accepted.filter((each) => !holds(each)).length,
    new Set(classes.map(({ each }) => each)).size,
    `${classes.filter(({ right }) => right).length} of ${classes.length}`,
  ];
}
