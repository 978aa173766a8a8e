import type { Verdict } from '../messages/judgement.ts';
import type { WireDeadLetter, WireDescriptors } from '../wire/generated.ts';

/** What was said of one value of a scan. */
export type AnsweredValue = {
  /** OS, CN, ..., and of the means over sites "mean OS". */
  readonly name: string;
  readonly value: number;
  readonly verdict: Verdict;
  readonly reason: string;
};

/** What was said of one scan, without its spectrum: small, since many wait for their counterpart. */
export type Answer = {
  /** Where the scan lies, topic/partition/offset: by this two answers are of the same scan. */
  readonly scan: string;
  /** Null where the record could not be decoded. */
  readonly scanId: string | null;
  readonly element: string | null;
  /** id@hash; null of a dead letter, which names none. */
  readonly model: string | null;
  /** Reason code of a dead letter; null where there are values. */
  readonly refused: string | null;
  readonly values: readonly AnsweredValue[];
};

export function answerOfEvent(event: WireDescriptors): Answer {
  const { descriptors, means, model, scanId, element } = event;
  return {
    ...{ scan: placeOf(event), scanId, element, model: `${model.id}@${model.hash}`, refused: null },
    values: [
      ...descriptors.map((each) => answeredValue(each)),
      ...means.map((each) => answeredValue(each, 'mean ')),
    ],
  };
}

export function answerOfDeadLetter(letter: WireDeadLetter): Answer {
  const { scanId, element, reason } = letter;
  return { scan: placeOf(letter), scanId, element, model: null, refused: reason, values: [] };
}

const placeOf = ({ source }: Pick<WireDeadLetter, 'source'>): string =>
  `${source.topic}/${source.partition}/${source.offset}`;

const answeredValue = ({ name, value, verdict, reason }: AnsweredValue, prefix = ''): AnsweredValue => {
  return { name: `${prefix}${name}`, value, verdict, reason };
};
