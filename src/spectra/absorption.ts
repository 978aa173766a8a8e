import { type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import { checkChannel } from './check-channel.ts';

const MEASURED = { positive: false, mayBeConstant: false };
const TRANSMITTED = { positive: true, mayBeConstant: false };
const MONITOR = { positive: true, mayBeConstant: true };

/**
 * mu(E) of a scan, [points]: as it is given, ln(i0/it) in transmission, if/i0 in fluorescence.
 * A channel that is absent, has another length than the energies, is not finite, not positive where it must be, dead
 * or saturated is a reject that names it.
 */
export function absorption(scan: Scan): Float64Array | Reject {
  const points = scan.energyEv.length;
  if (scan.mode === 'MU') {
    if (scan.mu === null) return missing('mu', scan.mode);
    return checkChannel('mu', scan.mu, points, MEASURED) ?? scan.mu;
  }

  const { i0 } = scan;
  if (i0 === null) return missing('i0', scan.mode);
  const badMonitor = checkChannel('i0', i0, points, MONITOR);
  if (badMonitor !== null) return badMonitor;

  const transmission = scan.mode === 'TRANSMISSION';
  const name = transmission ? 'it' : 'if';
  const signal = scan[name];
  if (signal === null) return missing(name, scan.mode);
  const badSignal = checkChannel(name, signal, points, transmission ? TRANSMITTED : MEASURED);
  if (badSignal !== null) return badSignal;

  const mu = new Float64Array(points);
  if (transmission) for (let i = 0; i < points; i += 1) mu[i] = Math.log(i0[i]! / signal[i]!);
  else for (let i = 0; i < points; i += 1) mu[i] = signal[i]! / i0[i]!;
  return mu;
}

const missing = (channel: string, mode: string): Reject =>
  reject('missing-channel', `Expected channel ${channel} in mode ${mode}, got null`);
