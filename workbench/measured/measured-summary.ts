import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import { markdownTable } from '../report/markdown-table.ts';
import type { AnsweredStandard } from './answer-standards.ts';
import { answerOf, SHOWN, textbookTruthOf } from './textbook.ts';

/**
 * What is read right and accepted of measured oxides, and what of all else.
 * @param known elements of the model
 */
export function measuredSummary(answered: readonly AnsweredStandard[], known: readonly string[]): string {
  const isKnown = ({ standard }: AnsweredStandard) => known.includes(standard.element);
  const oxides = answered.filter((each) => each.kind === 'oxide' && isKnown(each));
  const beyond = oxides.filter((each) => {
    const { oxidationState } = each.standard;
    const { classes } = answerOf(each, 'OS') ?? {};
    return (
      textbookTruthOf(each, 'OS') === 'wrong' && oxidationState !== null && !classes?.includes(oxidationState)
    );
  });
  const outliers = [
    ...(['metal', 'sulphide', 'selenide', 'nitride', 'carbide'] as const).map((kind) => {
      return [kind, answered.filter((each) => each.kind === kind && isKnown(each))] as const;
    }),
    ['elements that the model does not know', answered.filter((each) => !isKnown(each))] as const,
  ].filter(([, of]) => of.length > 0);
  return [
    markdownTable(
      [
        'oxides of known elements',
        'with a textbook value',
        'read right',
        'accepted',
        'of these right',
        'accepted besides, without a sure value',
      ],
      SHOWN.map((name) => oxideRow(name, oxides)),
    ),
    `Files, and compounds in brackets. ${beyond.length} of those not read right (${compounds(beyond)} compounds) have ` +
      'an oxidation state that the model has no class for, since no training spectrum has it.\n',
    markdownTable(
      ['no oxides', 'files', 'out of distribution', 'not prepared', 'with any value accepted'],
      outliers.map(([name, of]) => [
        name,
        counted(of),
        of.filter((each) => answerOf(each, 'OS')?.reason === 'out-of-distribution').length,
        of.filter(({ reject }) => reject !== null).length,
        of.filter(anyAccepted).length,
      ]),
    ),
  ].join('\n');
}

function oxideRow(name: DescriptorName, oxides: readonly AnsweredStandard[]): string[] {
  const accepted = (each: AnsweredStandard) => answerOf(each, name)?.verdict === 'ACCEPT';
  const right = (of: readonly AnsweredStandard[]) =>
    of.filter((each) => textbookTruthOf(each, name) === 'right');
  const judgeable = oxides.filter((each) => textbookTruthOf(each, name) !== 'n.a.');
  const passed = judgeable.filter(accepted);
  const doubtful = oxides.filter((each) => textbookTruthOf(each, name) === 'n.a.' && accepted(each));
  return [name, ...[judgeable, right(judgeable), passed, right(passed), doubtful].map(counted)];
}

function anyAccepted(each: AnsweredStandard): boolean {
  return each.reject === null && each.judgement.descriptors.some(({ verdict }) => verdict === 'ACCEPT');
}

/** Files, and compounds in brackets. */
function counted(of: readonly AnsweredStandard[]): string {
  return `${of.length} (${compounds(of)})`;
}

function compounds(of: readonly AnsweredStandard[]): number {
  return new Set(of.map(({ standard }) => `${standard.element} ${standard.compound}`)).size;
}
