import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { JudgedDescriptor, JudgedMean } from '../../src/messages/judgement.ts';
import type { AnsweredStandard } from './answer-standards.ts';
import { isDoubtful } from './manifest.ts';

/** Descriptors that textbooks have values of. */
export const SHOWN: readonly DescriptorName[] = ['OS', 'CN', 'OCN'];

export type Truth = 'right' | 'wrong' | 'n.a.';

/** What the gate publishes of a descriptor; undefined where the scan was refused. */
export function answerOf(each: AnsweredStandard, name: DescriptorName): JudgedDescriptor | undefined {
  return each.reject === null ? each.judgement.descriptors.find((value) => value.name === name) : undefined;
}

/**
 * Whether a value is the textbook's; n.a. where the textbook has none, a mixture, or the sample's phase is not sure.
 */
export function textbookTruthOf(each: AnsweredStandard, name: DescriptorName): Truth {
  const { oxidationState, coordinationNumber } = each.standard;
  const value = answerOf(each, name)?.value;
  const oxygens = each.kind === 'oxide' ? coordinationNumber : null;
  const truth = { OS: oxidationState, CN: coordinationNumber, OCN: oxygens }[name as 'OS'];
  if (value === undefined || truth === null || truth === undefined) return 'n.a.';
  if (each.kind !== 'oxide' || !Number.isInteger(truth) || isDoubtful(each.standard)) return 'n.a.';
  return value === truth ? 'right' : 'wrong';
}

/** Without what is said in brackets of how it was measured. */
export function shortCompound({ compound }: { readonly compound: string }): string {
  return compound.replace(/ \(.*\)$/, '');
}

/** As the pages of measured scans have it. */
export const verdictText = ({ verdict, reason }: Pick<JudgedMean, 'verdict' | 'reason'>): string =>
  verdict === 'ACCEPT' ? '**accept**' : `${verdict.toLowerCase()} (${reason})`;
