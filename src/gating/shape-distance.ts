import type { ModelInput } from '../messages/prepared.ts';
import type { NoveltyTable, ShapeSpec } from './gate-table.ts';

/** Ranges of bins [from, to). */
export type ShapeRanges = {
  readonly slices: readonly (readonly [number, number])[];
  readonly scale: readonly [number, number];
};

/** @param offsetsEv the model's axis, eV from the element's reference */
export function shapeRanges(spec: ShapeSpec, offsetsEv: Float64Array): ShapeRanges {
  const binAt = (offset: number): number => lowerIndex(offsetsEv, offset);
  const slices = Array.from({ length: spec.slices }, (_, i) => {
    const start = spec.fromEv + i * spec.sliceEv;
    return [binAt(start), binAt(start + spec.sliceEv)] as const;
  });
  return { slices, scale: [binAt(spec.scaleFromEv), slices.at(-1)![1]] };
}

function lowerIndex(values: Float64Array, target: number): number {
  const index = values.findIndex((value) => value >= target);
  return index < 0 ? values.length : index;
}

/**
 * The shape of a spectrum around its edge, [slices]: means over slices of the model's axis, divided by the mean past
 * the edge. Slices average noise, and the edge step does not enter.
 */
export function shapeOf(input: ModelInput, { slices, scale }: ShapeRanges): Float64Array {
  const gain = meanOver(input, scale);
  return Float64Array.from(slices, (slice) => meanOver(input, slice) / gain);
}

/** Mean of the measured bins in a range; 0 where there are none. */
function meanOver({ mu, mask }: ModelInput, [from, to]: readonly [number, number]): number {
  let sum = 0;
  let count = 0;
  for (let i = from; i < to; i += 1) {
    if (mask[i] === 0) continue;
    sum += mu[i]!;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}

/** Mahalanobis distance of a shape to the training shapes, per slice: about 1 for a spectrum like them. */
export function shapeDistance(
  shape: Float64Array,
  { mean, whitening }: Pick<NoveltyTable, 'mean' | 'whitening'>,
): number {
  let sum = 0;
  for (let i = 0; i < shape.length; i += 1) {
    const row = whitening[i]!;
    let value = 0;
    for (let j = 0; j <= i; j += 1) value += row[j]! * (shape[j]! - mean[j]!);
    sum += value * value;
  }
  return Math.sqrt(sum / shape.length);
}
