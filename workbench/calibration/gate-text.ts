import { FatalError } from '../../src/common/errors.ts';
import { type GateTable, gateProblem } from '../../src/gating/gate-table.ts';
import type { TrainingEmbeddings } from '../../src/gating/training-embeddings.ts';

/**
 * Content of gate.json, arrays of numbers on one line each.
 * @throws FatalError where no reader would take the table: some noise bin had too few unseen spectra
 */
export function gateText(table: GateTable): string {
  const json = JSON.stringify(table, null, 1);
  const arrays = /\[\s+((?:-?[\d.e+-]+|null)[^[\]{}"]*?)\s+\]/g;
  const text = `${json.replace(arrays, (_, body: string) => `[${body.replace(/\s+/g, ' ')}]`)}\n`;
  const problem = gateProblem(JSON.parse(text));
  if (problem === null) return text;
  throw new FatalError(
    'Expected unseen oxides in every noise bin to make the table from: give more spectra in val or test files, or ' +
      `train with --cross-fit. The table stays as it was. ${problem}`,
  );
}

/** Content of training-embeddings.bin: the elements' rows one after the other, as in the table. */
export function trainingEmbeddingBytes({ rows }: Pick<TrainingEmbeddings, 'rows'>): Buffer {
  return Buffer.concat(
    [...rows.values()].map((row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength)),
  );
}
