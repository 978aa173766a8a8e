import { readFileSync } from 'node:fs';
import { MEAN_NAMES, type Prediction, type SiteMeans } from '../../src/messages/prediction.ts';
import type { ModelInput } from '../../src/messages/prepared.ts';
import type { Golden } from '../../workbench/training/save-model.ts';

export const WEIGHTS = 'models/spt';

export function readGolden(): {
  readonly name: string;
  readonly input: ModelInput;
  readonly outputs: Golden['outputs'];
}[] {
  const golden = JSON.parse(readFileSync(`${WEIGHTS}/golden.json`, 'utf8')) as Golden[];
  return golden.map(({ name, element, mu, outputs }) => {
    const input = {
      element,
      edge: 'K',
      mu: Float32Array.from(mu, (value) => value ?? 0),
      mask: Float32Array.from(mu, (value) => (value === null ? 0 : 1)),
    };
    return { name, input, outputs };
  });
}

/** A prediction as plain numbers, by output. */
export function numbersOf({ outputs, embedding }: Prediction): Record<string, readonly number[]> {
  const numbers: Record<string, readonly number[]> = { embedding: Array.from(embedding) };
  for (const [name, output] of Object.entries(outputs)) {
    numbers[name] = output.kind === 'real' ? [output.mean, output.sigma] : Array.from(output.probabilities);
  }
  return numbers;
}

/** Means over sites as plain numbers, by descriptor. */
export const numbersOfMeans = (means: SiteMeans): Record<string, readonly number[]> => ({
  ...Object.fromEntries(
    MEAN_NAMES.map((name) => {
      const { shares, within, mean, sigma, mixed } = means[name];
      return [name, [...shares, ...within, mean, sigma, mixed]];
    }),
  ),
  outlier: [means.outlier],
});

/** Largest difference, relative for numbers above 1 and absolute below: 1e-5 is what every engine must keep. */
export function distance(a: Record<string, readonly number[]>, b: Record<string, readonly number[]>): number {
  expectSameKeys(a, b);
  return Math.max(
    ...Object.keys(a).flatMap((name) => {
      if (a[name]!.length !== b[name]!.length) return [Number.POSITIVE_INFINITY];
      return a[name]!.map((value, i) => {
        const difference = Math.abs(value - b[name]![i]!) / Math.max(1, Math.abs(b[name]![i]!));
        return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
      });
    }),
  );
}

function expectSameKeys(a: object, b: object): void {
  const [ours, theirs] = [Object.keys(a).sort().join(), Object.keys(b).sort().join()];
  if (ours !== theirs) throw new Error(`Expected the outputs ${theirs}, got ${ours}`);
}
