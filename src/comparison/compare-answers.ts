import type { Verdict } from '../messages/judgement.ts';
import type { Answer, AnsweredValue } from './answer.ts';

/** Two answers to one scan, in one value. */
export type Example = {
  /** Where it lies: topic/partition/offset. */
  readonly scan: string;
  readonly scanId: string | null;
  readonly element: string | null;
  readonly first: Omit<AnsweredValue, 'name'>;
  readonly second: Omit<AnsweredValue, 'name'>;
};

export type ComparedValue = {
  readonly name: string;
  /** Scans of which both sides say it. */
  readonly scans: number;
  /** Of these, where the two values differ by more than `SAME_WITHIN`. */
  readonly differ: number;
  /** Mean of second minus first, and of its size, over all scans. */
  readonly meanDifference: number;
  readonly meanSize: number;
  readonly largest: number;
  readonly accepted: { readonly first: number; readonly second: number; readonly both: number };
  /** Accepted by both, with values that differ: an agent would do one thing or the other. */
  readonly acceptedDiffer: number;
  /** Changed verdicts, as "ACCEPT to FLAG": how many. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** The most telling, those that matter most first. */
  readonly examples: readonly Example[];
};

export type RefusedScan = {
  readonly scan: string;
  readonly scanId: string | null;
  /** Reason codes; null where there are values. */
  readonly first: string | null;
  readonly second: string | null;
};

export type Comparison = {
  /** Scans that both sides have answered, with values or by a dead letter. */
  readonly scans: number;
  /** Scans that one side alone has answered so far. */
  readonly only: { readonly first: number; readonly second: number };
  /** Answers by the model that gave them, id@hash. */
  readonly models: {
    readonly first: Readonly<Record<string, number>>;
    readonly second: Readonly<Record<string, number>>;
  };
  /** Dead letters of scans that the other side has read, or refused for another reason. */
  readonly refusals: { readonly differ: number; readonly examples: readonly RefusedScan[] };
  readonly values: readonly ComparedValue[];
};

export type AnswerComparison = {
  /** Takes in what a side said, in any order; of one scan the last counts until the other side's comes. */
  add(side: 'first' | 'second', answer: Answer): void;
  report(): Comparison;
};

/** Engines and machines agree to 1e-5; a wire's float keeps less. */
const SAME_WITHIN = 1e-4;

/**
 * Two sets of answers to the same scans, beside each other: a live model and its shadow, or what was said of a past
 * topic then and now. Answers find each other by the place of their scan. What has found its counterpart is counted and
 * let go, so that memory is held for what is ahead on one side alone.
 * @param examples how many are kept of each value
 */
export function compareAnswers(examples = 3): AnswerComparison {
  const waiting = { first: new Map<string, Answer>(), second: new Map<string, Answer>() };
  const models = { first: new Map<string, number>(), second: new Map<string, number>() };
  const tallies = new Map<string, Tally>();
  const refusedScans: RefusedScan[] = [];
  let scans = 0;
  let refusalsDiffer = 0;

  function compare(first: Answer, second: Answer): void {
    scans += 1;
    if (first.refused !== second.refused) {
      refusalsDiffer += 1;
      const scanId = first.scanId ?? second.scanId;
      const both = { first: first.refused, second: second.refused };
      if (refusedScans.length < examples) refusedScans.push({ scan: first.scan, scanId, ...both });
    }
    for (const one of first.values) {
      const other = second.values.find(({ name }) => name === one.name);
      if (other === undefined) continue;
      const tally = tallies.get(one.name) ?? newTally();
      tallies.set(one.name, tally);
      count(tally, one, other, { scan: first.scan, scanId: first.scanId, element: first.element }, examples);
    }
  }

  return {
    add(side, answer) {
      if (answer.model !== null) models[side].set(answer.model, (models[side].get(answer.model) ?? 0) + 1);
      const others = waiting[side === 'first' ? 'second' : 'first'];
      const other = others.get(answer.scan);
      if (other === undefined) {
        waiting[side].set(answer.scan, answer);
        return;
      }
      others.delete(answer.scan);
      if (side === 'first') compare(answer, other);
      else compare(other, answer);
    },
    report: () => ({
      scans,
      only: { first: waiting.first.size, second: waiting.second.size },
      models: { first: Object.fromEntries(models.first), second: Object.fromEntries(models.second) },
      refusals: { differ: refusalsDiffer, examples: refusedScans },
      values: [...tallies].map(([name, tally]) => compared(name, tally)),
    }),
  };
}

type Tally = {
  scans: number;
  differ: number;
  sum: number;
  sumOfSizes: number;
  largest: number;
  accepted: { first: number; second: number; both: number };
  acceptedDiffer: number;
  verdicts: Map<string, number>;
  /** The one that matters most first. */
  examples: { readonly rank: number; readonly size: number; readonly example: Example }[];
};

const newTally = (): Tally => ({
  ...{ scans: 0, differ: 0, sum: 0, sumOfSizes: 0, largest: 0, acceptedDiffer: 0 },
  accepted: { first: 0, second: 0, both: 0 },
  verdicts: new Map(),
  examples: [],
});

function count(
  tally: Tally,
  { name: _, ...first }: AnsweredValue,
  { name: __, ...second }: AnsweredValue,
  of: Pick<Example, 'scan' | 'scanId' | 'element'>,
  examples: number,
): void {
  const difference = second.value - first.value;
  const size = Math.abs(difference);
  const differs = size > SAME_WITHIN;
  const changed = first.verdict !== second.verdict;
  tally.scans += 1;
  tally.sum += difference;
  tally.sumOfSizes += size;
  tally.largest = Math.max(tally.largest, size);
  if (differs) tally.differ += 1;
  if (first.verdict === 'ACCEPT') tally.accepted.first += 1;
  if (second.verdict === 'ACCEPT') tally.accepted.second += 1;
  const bothAccept = first.verdict === 'ACCEPT' && second.verdict === 'ACCEPT';
  if (bothAccept) tally.accepted.both += 1;
  if (bothAccept && differs) tally.acceptedDiffer += 1;
  if (changed) {
    const change = `${first.verdict} to ${second.verdict}`;
    tally.verdicts.set(change, (tally.verdicts.get(change) ?? 0) + 1);
  }
  const rank = rankOf(first.verdict, second.verdict, differs);
  if (rank === 0) return;
  tally.examples.push({ rank, size, example: { ...of, first, second } });
  tally.examples.sort((a, b) => b.rank - a.rank || b.size - a.size);
  tally.examples.length = Math.min(tally.examples.length, examples);
}

/** How much a difference matters to who acts on what is accepted; 0: it is none. */
function rankOf(first: Verdict, second: Verdict, differs: boolean): number {
  const accepts = Number(first === 'ACCEPT') + Number(second === 'ACCEPT');
  if (accepts === 2) return differs ? 4 : 0;
  if (accepts === 1) return 3;
  if (first !== second) return 2;
  return differs ? 1 : 0;
}

function compared(name: string, tally: Tally): ComparedValue {
  const { scans, differ, largest, accepted, acceptedDiffer } = tally;
  return {
    ...{ name, scans, differ },
    meanDifference: tally.sum / scans,
    meanSize: tally.sumOfSizes / scans,
    ...{ largest, accepted: { ...accepted }, acceptedDiffer },
    verdicts: Object.fromEntries(tally.verdicts),
    examples: tally.examples.map(({ example }) => example),
  };
}
