import { type Reject, reject } from '../messages/reject.ts';

/** The networks compute in 32 bits: beside a larger number they see no edge, and from 1e16 on they overflow. */
const MOST_STEPS = 1e7;

/**
 * Null where mu over the edge step is of a size that the networks can read, on every bin; else where it is largest.
 * @param mu over the edge step, [bins]
 * @param shiftEv what was added to the scan's energies
 */
export function checkSteps(
  mu: Float32Array,
  edgeStep: number,
  shiftEv: number,
  binsEv: Float64Array,
): Reject | null {
  let largest = 0;
  for (let i = 1; i < mu.length; i += 1) if (Math.abs(mu[i]!) > Math.abs(mu[largest]!)) largest = i;
  if (Math.abs(mu[largest]!) <= MOST_STEPS) return null;
  return reject(
    'non-finite',
    `Expected mu over the edge step of ${edgeStep.toPrecision(3)} to be within ${MOST_STEPS} where the model reads it, ` +
      `got ${mu[largest]!.toPrecision(3)} at ${(binsEv[largest]! - shiftEv).toFixed(1)} eV`,
  );
}
