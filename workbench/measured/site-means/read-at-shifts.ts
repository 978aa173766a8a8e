import { predictScans } from '../../../src/files/offline.ts';
import type { Prediction } from '../../../src/messages/prediction.ts';
import type { Prepared } from '../../../src/messages/prepared.ts';
import type { Model } from '../../../src/model/load-model.ts';
import { makePrepare } from '../../../src/spectra/prepare.ts';
import type { KnownScan } from './known-scans.ts';

/** Shifts that are tried, eV beside the model's own. */
export const TRIED_EV: readonly number[] = Array.from({ length: 33 }, (_, i) => -8 + 0.5 * i);

/** One scan at every shift: what the network reads, null where it cannot be prepared. */
export type Reading = {
  readonly known: KnownScan;
  readonly means: readonly (number | null)[]; // [tried shifts]
  /** At the model's own shift. */
  readonly prepared: Prepared;
  readonly prediction: Prediction;
};

/**
 * Each scan at each shift; those that cannot be prepared at the model's own are left out.
 * @param tried eV beside the model's own; 0 is among them
 */
export async function readAtShifts(
  model: Model,
  known: readonly KnownScan[],
  tried = TRIED_EV,
): Promise<Reading[]> {
  const { grid, references } = model.manifest;
  const prepares = tried.map((byEv) =>
    makePrepare({
      grid,
      references: references.map((reference) => {
        return { ...reference, meansShiftEv: (reference.meansShiftEv ?? 0) + byEv };
      }),
    }),
  );
  const readings: Reading[] = [];
  for (const each of known) {
    const items = tried.map((_, i) => ({ scan: each.scan, i }));
    const stages = {
      prepare: (scan: typeof each.scan, { i }: { readonly i: number }) => prepares[i]!(scan),
      predict: model.predict,
    };
    const means: (number | null)[] = [];
    let own: Pick<Reading, 'prepared' | 'prediction'> | null = null;
    for await (const answer of predictScans(stages, items)) {
      means.push(answer.reject === null ? (answer.prediction.siteMeans?.OS.mean ?? null) : null);
      if (answer.reject === null && tried[answer.i] === 0) own = answer;
    }
    if (own !== null)
      readings.push({ known: each, means, prepared: own.prepared, prediction: own.prediction });
  }
  return readings;
}
