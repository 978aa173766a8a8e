import type { Gate, GateTable } from '../../src/gating/gate-table.ts';
import type { Prediction } from '../../src/messages/prediction.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import { isReject } from '../../src/messages/reject.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { COBALT, GRID, REFERENCES, scanOf, syntheticEdge } from '../spectra/synthetic-edge.ts';

/** What a table says of a descriptor of an element. */
export const target = (thresholds: (number | null)[], meetsTarget = true) => ({
  thresholds,
  meetsTarget,
  evidence: { sites: 20, accepted: 18, right: 18 },
});
export const IN_DISTRIBUTION = Array.from({ length: 3 }, () => ({ middle: 0, limit: 1 }));
/** Cobalt was calibrated; of iron nothing is known that would let a value pass. */
export const TABLE: GateTable = {
  madeFor: { 'weights.bin': 'f'.repeat(64) },
  accuracyTarget: { accuracy: 0.95, confidence: 0.9 },
  level: 0.9,
  noiseEdges: [0.01, 0.05, 0.1],
  embedding: { mean: [0, 0, 0, 0], scale: [1, 1, 1, 1] },
  calibrations: {
    metals: {
      OS: { kind: 'class', temperature: [1, 1, 1], setFloor: [0.2, 0.2, 0.1] },
      CN: { kind: 'class', temperature: [2, 2, 2], setFloor: [0.2, 0.2, 0.1] },
      OCN: { kind: 'class', temperature: [1, 1, 1], setFloor: [0.2, 0.2, 0.1] },
      NNRS: { kind: 'real', spread: [2, 2, 3], tolerance: 0.05, low: 0, high: 0.3 },
    },
    copper: { OS: { kind: 'class', temperature: [4, 4, 4], setFloor: [0, 0, 0] } },
  },
  outlierClassifier: { weights: [0, 0, 0, 0], bias: { Co: 0, Fe: 0 } },
  elements: {
    Co: {
      calibration: 'metals',
      trainingEmbeddingRows: 1,
      outOfDistributionLimit: [2, 2, 3],
      outlierRanges: IN_DISTRIBUTION,
      descriptors: {
        OS: target([0.8, 0.9, null]),
        CN: target([0.6, 0.7, 0.8]),
        OCN: target([0.6, 0.7, 0.8]),
        NNRS: target([0.9, 0.9, 0.9]),
      },
    },
    Fe: {
      calibration: 'copper',
      trainingEmbeddingRows: 1,
      outOfDistributionLimit: [2, 2, 3],
      outlierRanges: IN_DISTRIBUTION,
      descriptors: { OS: target([null, null, null], false) },
    },
  },
};

const rows = new Map([
  ['Co', Float32Array.of(9, 9, 9, 9, 0, 0, 0, 0)],
  ['Fe', new Float32Array(4)],
]);
export const GATE: Gate = { table: TABLE, trainingEmbeddings: { ...TABLE.embedding, rows } };

const base = makePrepare({ grid: GRID, references: REFERENCES })(scanOf(syntheticEdge(COBALT)));
if (isReject(base)) throw new Error(base.detail);

/** A prepared scan of so much noise. */
export function preparedWith(sigma: number, element = 'Co'): Prepared {
  const { input, preparation, spectrum } = base as Prepared;
  return {
    input: { ...input, element },
    preparation: { ...preparation, noise: { ...preparation.noise, sigma } },
    spectrum,
    notes: [],
  };
}

/** Probabilities of OS 2, 3, 4, of CN and OCN 4, 6, and the sigma of NNRS, whose mean is 0.08. */
export function predictionOf(os: number[], cn = [0.02, 0.98], ocn = [0.02, 0.98], nnrs = 0.005): Prediction {
  const classes = (values: number[], probabilities: number[]) => ({
    kind: 'class' as const,
    classes: values,
    probabilities: Float32Array.from(probabilities),
  });
  return {
    outputs: {
      OS: classes([2, 3, 4], os),
      CN: classes([4, 6], cn),
      OCN: classes([4, 6], ocn),
      NNRS: { kind: 'real', mean: 0.08, sigma: nnrs },
    },
    embedding: new Float32Array(4),
  };
}
