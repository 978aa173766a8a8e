import type { CalibratedBundle } from '../../../src/bundle.ts';
import { outOfDistributionOf } from '../../../src/gating/out-of-distribution.ts';
import type { DescriptorOutput, Prediction } from '../../../src/messages/prediction.ts';
import type { ElementReference } from '../../../src/messages/prepared.ts';
import { isReject } from '../../../src/messages/reject.ts';
import { NO_CHANNELS, type Scan } from '../../../src/messages/scan.ts';
import type { Model } from '../../../src/model/load-model.ts';
import { predictScans } from '../../../src/offline.ts';
import { absorption } from '../../../src/spectra/absorption.ts';
import { makePrepare } from '../../../src/spectra/prepare.ts';
import type { Standard } from '../manifest.ts';
import { broaden } from './broaden.ts';

export const SHIFTS_EV: readonly number[] = Array.from({ length: 25 }, (_, i) => -5 + 0.5 * i);
/** Gaussian sigma by which a scan is broadened before it is read; nothing can be sharpened. */
export const BROADENINGS_EV: readonly number[] = [0, 0.5, 1, 1.5];
/**
 * How far the edge of a calculation may be off, eV (sigma): what one or two standards leave open is not the end of the
 * range.
 */
export const USUAL_SHIFT_EV = 4;
/** A standard that is flatly contradicted counts no more than this, lest one bad sample decides. */
const MIN_PROBABILITY = 0.01;
/** Beyond, nothing is gained by a somewhat smaller score. */
const MAX_SCORE = 4;
/** What a scan scores where it cannot be prepared. */
const UNREADABLE = -100;

/** One scan of a standard at every broadening and shift. */
export type ShiftSurface = {
  readonly standard: Standard;
  /** Null where the scan cannot be prepared. */
  readonly answers: readonly (readonly (Prediction | null)[])[]; // [broadenings][shifts]
  /**
   * log P(oxidation state) + log P(coordination number) - (out-of-distribution score)^2 / 2, and that the shift is
   * usual.
   */
  readonly scores: readonly (readonly number[])[]; // [broadenings][shifts]
};

/**
 * @param reference of the scan's element; its own measured shift takes no part
 * @param model of the bundle
 */
export async function shiftSurface(
  { manifest, gate }: CalibratedBundle,
  model: Pick<Model, 'predict'>,
  reference: ElementReference,
  standard: Standard,
  scan: Scan,
): Promise<ShiftSurface> {
  const prepares = SHIFTS_EV.map((shiftEv) => {
    const moved = { ...reference, shiftsEv: { ...reference.shiftsEv, measured: shiftEv } };
    return makePrepare({ grid: manifest.grid, references: [moved] });
  });
  const items = BROADENINGS_EV.flatMap((sigmaEv) => {
    const broadened = broadenedScan(scan, sigmaEv);
    return SHIFTS_EV.map((_, shift) => ({ scan: broadened, shift }));
  });
  const stages = {
    prepare: (each: Scan, { shift }: { readonly shift: number }) => prepares[shift]!(each),
    predict: model.predict,
  };
  const answers: (Prediction | null)[] = [];
  for await (const each of predictScans(stages, items))
    answers.push(each.reject === null ? each.prediction : null);
  const judged = { table: gate.table.elements[reference.element], gate };
  const scores = answers.map((prediction, i) => {
    if (prediction === null) return UNREADABLE;
    const shiftEv = SHIFTS_EV[i % SHIFTS_EV.length]!;
    return scoreOf(reference.element, standard, prediction, judged) - (shiftEv / USUAL_SHIFT_EV) ** 2 / 2;
  });
  return { standard, answers: rowsOf(answers), scores: rowsOf(scores) };
}

/** A row a broadening. */
function rowsOf<T>(values: readonly T[]): T[][] {
  return BROADENINGS_EV.map((_, i) => values.slice(i * SHIFTS_EV.length, (i + 1) * SHIFTS_EV.length));
}

/** The scan's absorption, broadened; its reference foil stays as it is. */
function broadenedScan(scan: Scan, sigmaEv: number): Scan {
  if (sigmaEv === 0) return scan;
  const mu = absorption(scan);
  if (isReject(mu)) throw new Error(mu.detail);
  return {
    ...scan,
    ...NO_CHANNELS,
    muReference: scan.muReference,
    mode: 'MU',
    mu: broaden(scan.energyEv, mu, sigmaEv),
  };
}

function scoreOf(
  element: string,
  { oxidationState, coordinationNumber }: Standard,
  { outputs, embedding }: Prediction,
  judged: {
    readonly table: CalibratedBundle['gate']['table']['elements'][string] | undefined;
    readonly gate: CalibratedBundle['gate'];
  },
): number {
  const found = outOfDistributionOf(embedding, element, judged.table, 0, judged.gate);
  const relative = Math.min(found.outOfDistributionScore / found.outOfDistributionLimit, MAX_SCORE);
  return logOf(outputs.OS, oxidationState) + logOf(outputs.CN, coordinationNumber) - relative ** 2 / 2;
}

/** 0 where the truth is not known, or is no class of the model. */
function logOf(output: DescriptorOutput | undefined, truth: number | null): number {
  if (output?.kind !== 'class' || truth === null || !output.classes.includes(truth)) return 0;
  return Math.log(Math.max(MIN_PROBABILITY, output.probabilities[output.classes.indexOf(truth)]!));
}
