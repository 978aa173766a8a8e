import type { Prediction } from '../messages/prediction.ts';
import type { ModelInput } from '../messages/prepared.ts';
import { checkPrediction } from '../model/check-prediction.ts';
import type { makePrepareWithFoil } from '../spectra/prepare.ts';
import { makePrepareFoil } from '../spectra/prepare-foil.ts';
import {
  type StandardsReader,
  type StandardsReaderParts,
  standardsReader,
} from '../standards/standards-reader.ts';

type Manifest = Parameters<typeof makePrepareWithFoil>[0];

export type ReadStandardsParts = Pick<StandardsReaderParts, 'prepare' | 'applying' | 'onUnreadable'> & {
  readonly manifest: Manifest;
  readonly predict: (inputs: readonly ModelInput[]) => Promise<readonly Prediction[]>;
};

/** Reads standards with a model, as scans on the wire and in files are read alike. */
export const readStandardsWith = ({ manifest, predict, ...parts }: ReadStandardsParts): StandardsReader =>
  standardsReader({
    ...parts,
    prepareFoil: makePrepareFoil(manifest),
    predict: async (input) => checkPrediction((await predict([input]))[0]!),
  });
