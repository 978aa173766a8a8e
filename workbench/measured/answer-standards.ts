import type { CalibratedBundle } from '../../src/bundle/bundle.ts';
import { type AnsweredScan, answerScans, type ReadScan } from '../../src/files/offline.ts';
import { makeGate } from '../../src/gating/gate.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { type Kind, kindOf, readStandard, type Standard } from './manifest.ts';

/** A measured scan with what is known of its sample, and what the stream says of it. */
export type AnsweredStandard = AnsweredScan<ReadScan & { readonly standard: Standard; readonly kind: Kind }>;

/** @param folder that the standards' files are in */
export const answerStandards = (
  bundle: CalibratedBundle,
  folder: string,
  standards: readonly Standard[],
): Promise<AnsweredStandard[]> =>
  answerReadings(
    bundle,
    standards.map((standard) => {
      return { standard, kind: kindOf(standard), scan: readStandard(folder, standard) };
    }),
  );

/** What the stream says of scans, each with what else is known of it. */
export async function answerReadings<T extends ReadScan>(
  bundle: CalibratedBundle,
  read: readonly T[],
): Promise<AnsweredScan<T>[]> {
  const model = await loadModel(bundle, { engine: 'auto' });
  const stages = {
    prepare: makePrepare(bundle.manifest),
    predict: model.predict,
    gate: makeGate(bundle.gate),
  };
  const answered: AnsweredScan<T>[] = [];
  for await (const each of answerScans(stages, read)) answered.push(each);
  await model.close();
  return answered;
}
