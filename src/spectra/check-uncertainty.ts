import { type Reject, reject } from '../messages/reject.ts';
import { SCAN_BOUNDS } from '../messages/scan.ts';

/** Null where muSigma has `points` finite values >= 0; else why not. */
export function checkUncertainty(muSigma: Float64Array, points: number): Reject | null {
  if (muSigma.length !== points) {
    return reject(
      'length-mismatch',
      `Expected muSigma to have the ${points} points of energyEv, got ${muSigma.length}`,
    );
  }
  const at = muSigma.findIndex((sigma) => !(sigma >= 0 && sigma <= SCAN_BOUNDS.largestSignal));
  if (at < 0) return null;
  return reject('non-finite', `Expected muSigma to be finite and >= 0, got ${muSigma[at]} at index ${at}`);
}
