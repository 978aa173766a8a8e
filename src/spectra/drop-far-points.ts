import { CHANNEL_NAMES, SCAN_BOUNDS, type Scan } from '../messages/scan.ts';

/** What matters of a scan lies within this of the edge: no point is left out there. */
const NEAR_BELOW_EV = 30;
const NEAR_ABOVE_EV = 80;
/** More bad points than this share are no slips. */
const MAX_SHARE = 0.02;

/**
 * A scan without the few points far from its edge at which a channel that its mode needs has no usable number, such as
 * a missed count; null where there is none such, or where they are near the edge or many: the checks say so then.
 * @param edgeEv about where the edge is, on the scan's own scale
 */
export function dropFarPoints(
  scan: Scan,
  edgeEv: number,
): { readonly scan: Scan; readonly note: string } | null {
  const { energyEv, mode } = scan;
  const points = energyEv.length;
  const needed = ({ MU: ['mu'], TRANSMISSION: ['i0', 'it'], FLUORESCENCE: ['i0', 'if'] } as const)[mode];
  const bad: number[] = [];
  for (const name of needed) {
    const values = scan[name];
    if (values === null || values.length !== points) return null;
    const positive = name === 'i0' || name === 'it';
    for (let i = 0; i < points; i += 1) {
      const value = values[i]!;
      if (Math.abs(value) <= SCAN_BOUNDS.largestSignal && !(positive && value <= 0)) continue;
      const offsetEv = energyEv[i]! - edgeEv;
      if (!(offsetEv < -NEAR_BELOW_EV || offsetEv > NEAR_ABOVE_EV)) return null;
      if (bad.push(i) > MAX_SHARE * points) return null;
    }
  }
  if (bad.length === 0) return null;
  const left = new Set(bad);
  const without = (values: Float64Array | null) =>
    values === null || values.length !== points ? values : values.filter((_, i) => !left.has(i));
  const at = bad.map((i) => energyEv[i]!.toFixed(1)).join(', ');
  return {
    scan: {
      ...scan,
      ...Object.fromEntries(CHANNEL_NAMES.map((name) => [name, without(scan[name])])),
      energyEv: without(energyEv)!,
    },
    note: `no usable number at ${at} eV, far from the edge: left out`,
  };
}
