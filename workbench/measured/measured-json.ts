import type { AnsweredStandard } from './answer-standards.ts';
import { answerOf, SHOWN, textbookTruthOf } from './textbook.ts';

/** One line of `measured --json`. */
export function measuredJson(each: AnsweredStandard): object {
  const { standard, kind } = each;
  const base = { file: standard.file, element: standard.element, compound: standard.compound, kind };
  if (each.reject !== null) return { ...base, refused: each.reject.reason, detail: each.reject.detail };
  const { outOfDistributionScore, outOfDistributionLimit, advice } = each.judgement;
  const answers = SHOWN.flatMap((name) => {
    const value = answerOf(each, name);
    if (value === undefined) return [];
    const { confidence, verdict, reason } = value;
    return [
      [
        name,
        { value: value.value, confidence, verdict, reason, truth: textbookTruthOf(each, name) },
      ] as const,
    ];
  });
  return {
    ...base,
    advice,
    outOfDistributionScore: outOfDistributionScore / outOfDistributionLimit,
    descriptors: Object.fromEntries(answers),
  };
}
