import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FatalError } from '../../../src/common/errors.ts';
import { predictorOn } from '../../../src/model/load-model.ts';
import { parseWeights } from '../../../src/model/manifest.ts';
import { graphOf } from '../../../src/model/network.ts';
import type { NetworkConfig } from '../../../src/model/network-config.ts';
import { tfjsEngine } from '../../../src/model/tfjs-engine.ts';
import { parametersOf } from '../save-model.ts';

const numbers = z.array(z.number());
const schema = z.object({
  /** Version of PyTorch. */
  torch: z.string(),
  seconds: z.number(),
  /** Epoch and mean loss. */
  curve: z.array(z.tuple([z.int(), z.number()])),
  answers: z.array(
    z.object({ element: z.string(), mu: numbers, mask: numbers, outputs: z.record(z.string(), numbers) }),
  ),
});

/** What train_spt.py wrote. */
export type Trained = z.infer<typeof schema> & { readonly weights: ReadonlyMap<string, Float32Array> };

/** PyTorch sums in another order. */
const TOLERANCE = 1e-3;

/** @throws FatalError where the folder was not written by train_spt.py */
export function readTrained(folder: string, network: NetworkConfig): Trained {
  if (!existsSync(join(folder, 'trained.json')))
    throw new FatalError(
      `Expected ${join(folder, 'trained.json')}, as train_spt.py writes it, got no such file`,
    );
  const parsed = schema.safeParse(JSON.parse(readFileSync(join(folder, 'trained.json'), 'utf8')));
  if (!parsed.success)
    throw new FatalError(`${join(folder, 'trained.json')}: ${z.prettifyError(parsed.error)}`);
  const bytes = readFileSync(join(folder, 'weights.bin'));
  return { ...parsed.data, weights: parseWeights(bytes, { parameters: parametersOf(network) }) };
}

/**
 * Compares what the weights say here with what PyTorch said of the same inputs.
 * @throws FatalError where they differ: then they are not the same network
 */
export async function requireSameAnswers(
  { weights, answers }: Pick<Trained, 'weights' | 'answers'>,
  network: NetworkConfig,
): Promise<void> {
  const predictor = predictorOn(tfjsEngine('tfjs', network, weights, graphOf(network)), network);
  const predictions = await predictor.predict(
    answers.map(({ element, mu, mask }) => ({
      ...{ element, edge: 'K' },
      mu: Float32Array.from(mu),
      mask: Float32Array.from(mask),
    })),
  );
  await predictor.close();
  for (const [row, { element, outputs }] of answers.entries())
    for (const [name, output] of Object.entries(predictions[row]!.outputs)) {
      const ours = output.kind === 'class' ? [...output.probabilities] : [output.mean, output.sigma];
      const theirs = outputs[name] ?? [];
      const worst = Math.max(...ours.map((value, i) => Math.abs(value - (theirs[i] ?? Number.NaN))));
      if (!(worst <= TOLERANCE))
        throw new FatalError(
          `Expected ${name} of ${element} as PyTorch says it to within ${TOLERANCE}, got ${ours}, which is off by ${worst}`,
        );
    }
}
