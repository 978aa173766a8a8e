import type { Condition } from './condition-flags.ts';
import type { Answers, Processor } from './judge-sites.ts';
import { type Figures, meanOxidationStates, overall, scoreAnswers } from './score-answers.ts';

/** The stable interface of `evaluate --json`; keys may be added, none is taken away. */
export type Result = {
  /** The manifest's id. */
  readonly model: string;
  /** Scored and refused together; decoded ones are in neither. */
  readonly sites: number;
  readonly refused: number;
  readonly descriptors: Figures;
  /** Mean of weighted F1 and R2; null where nothing could be scored. */
  readonly overall: number | null;
  /** How many were refused, by reason code. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly decoded: number;
  /** Sites whose label of OS is not scored, since no charge balance establishes it. */
  readonly doubtful: number;
  readonly weights: string;
  readonly engine: string;
  readonly set: string;
  /** Coverage of the stated intervals; null for weights without a gate. */
  readonly level: number | null;
  readonly noise: number;
  readonly gain: number;
  readonly tilt: number;
  readonly shift: number;
  /** eV above E0; null for all that there is. */
  readonly end: number | null;
  readonly seed: number;
  readonly draws: number;
  /** Of sets that state it: the mean over sites of one composition, against the true mean. */
  readonly meanOxidationStates: ReturnType<typeof meanOxidationStates>;
};

/** Whether nothing is wrong with the spectra but noise. */
export function isWhole({ gain, tilt, shift, end }: Result): boolean {
  return gain === 1 && tilt === 0 && shift === 0 && end === null;
}

export function resultOf(
  judged: Answers,
  about: {
    readonly processor: Processor;
    readonly set: string;
    readonly decoded: number;
    readonly doubtful: number;
  } & Condition,
): Result {
  const { processor, perturbation, ...rest } = about;
  const { id, hash, engine } = processor.model.identity;
  const descriptors = scoreAnswers(judged, processor);
  const mean = overall(descriptors);
  const refusals: Record<string, number> = {};
  for (const { reject } of judged.refused) refusals[reject.reason] = (refusals[reject.reason] ?? 0) + 1;
  return {
    model: id,
    sites: judged.answers.length + judged.refused.length,
    refused: judged.refused.length,
    descriptors,
    overall: Number.isFinite(mean) ? mean : null,
    refusals,
    ...rest,
    weights: hash,
    engine,
    level: processor.level,
    noise: perturbation.noise ?? 0,
    gain: perturbation.factor ?? 1,
    tilt: perturbation.tilt ?? 0,
    shift: perturbation.shiftEv ?? 0,
    end: perturbation.endEv ?? null,
    meanOxidationStates: meanOxidationStates(judged.answers),
  };
}
