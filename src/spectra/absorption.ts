import { type Reject, reject } from '../messages/reject.ts';
import { SCAN_BOUNDS, type Scan } from '../messages/scan.ts';
import { checkChannel } from './check-channel.ts';

const MEASURED = { positive: false, mayBeConstant: false };
const TRANSMITTED = { positive: true, mayBeConstant: false };
const MONITOR = { positive: true, mayBeConstant: true };

/**
 * mu(E) of a scan, [points]: as it is given, ln(i0/it) in transmission, if/i0 in fluorescence.
 * A channel that is absent, has another length than the energies, is not finite, not positive where it must be, dead
 * or saturated is a reject that names it, and so are two whose ratio is no measured number.
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

  const absorbed = plainAbsorption(scan);
  for (let i = 0; i < points; i += 1) {
    if (Math.abs(absorbed[i]!) <= SCAN_BOUNDS.largestSignal) continue;
    return reject(
      'non-finite',
      `Expected ${transmission ? 'i0/it' : 'if/i0'} to be a measured number, ` +
        `got i0 of ${i0[i]} and ${name} of ${signal[i]} at index ${i}`,
    );
  }
  return absorbed;
}

/** The same without a check, as the channels have it: not finite where they do not say. [points] */
export function plainAbsorption({ mode, energyEv, mu, i0, it, if: fluorescence }: Scan): Float64Array {
  const absorbed = new Float64Array(energyEv.length).fill(Number.NaN);
  const points = absorbed.length;
  if (mode === 'MU' && mu?.length === points) absorbed.set(mu);
  else if (mode === 'TRANSMISSION' && i0 && it)
    for (let i = 0; i < points; i += 1) absorbed[i] = Math.log(i0[i]! / it[i]!);
  else if (mode === 'FLUORESCENCE' && i0 && fluorescence)
    for (let i = 0; i < points; i += 1) absorbed[i] = fluorescence[i]! / i0[i]!;
  return absorbed;
}

const missing = (channel: string, mode: string): Reject =>
  reject('missing-channel', `Expected channel ${channel} in mode ${mode}, got null`);
