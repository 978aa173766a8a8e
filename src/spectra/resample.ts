/** Where an interval between two measured points is wider than this, no value is made up in it. */
export const MAX_GAP_EV = 4;

/**
 * Values of a spectrum on the bins `binsEv`, and which bins were measured: both [bins], 0 where not.
 *
 * A bin's value is the mean of the straight-line interpolant over the bin's cell (halfway to its neighbours): noise is
 * averaged where the scan is denser than the bins, and the scan is interpolated where it is sparser. Cells are cut
 * evenly on both sides at the ends of the measured range, so that a value stays that of its bin's centre. Bins outside
 * the range, or inside a gap of more than `MAX_GAP_EV`, are not measured.
 * @param energyEv strictly increasing, on the scale of the bins minus `shiftEv`
 */
export function resample(
  energyEv: Float64Array,
  mu: Float64Array,
  shiftEv: number,
  binsEv: Float64Array,
): { mu: Float32Array; mask: Float32Array } {
  const points = energyEv.length;
  const bins = binsEv.length;
  const values = new Float32Array(bins);
  const mask = new Float32Array(bins);
  const firstEv = energyEv[0]! + shiftEv;
  const lastEv = energyEv[points - 1]! + shiftEv;
  let segment = 0; // between points [segment, segment + 1]; cells follow each other, and so do their segments
  for (let bin = 0; bin < bins; bin += 1) {
    const centre = binsEv[bin]!;
    if (centre < firstEv || centre > lastEv) continue;
    const below = bin === 0 ? binsEv[1]! - centre : centre - binsEv[bin - 1]!;
    const above = bin === bins - 1 ? below : binsEv[bin + 1]! - centre;
    const room = Math.min(centre - firstEv, lastEv - centre);
    const from = centre - Math.min(0.5 * below, room);
    const to = centre + Math.min(0.5 * above, room);

    while (segment < points - 2 && energyEv[segment + 1]! + shiftEv <= from) segment += 1;
    let area = 0;
    let measured = true;
    let at = from;
    for (;;) {
      const x0 = energyEv[segment]! + shiftEv;
      const x1 = energyEv[segment + 1]! + shiftEv;
      const stepEv = energyEv[segment + 1]! - energyEv[segment]!; // once moved, both may be one number
      if (stepEv > MAX_GAP_EV) measured = false;
      const slope = (mu[segment + 1]! - mu[segment]!) / stepEv;
      const end = Math.min(to, x1);
      if (to === from) {
        values[bin] = mu[segment]! + slope * (centre - x0);
        break;
      }
      area += (end - at) * (mu[segment]! + slope * (0.5 * (at + end) - x0));
      at = end;
      if (at >= to || segment === points - 2) {
        values[bin] = area / (to - from);
        break;
      }
      segment += 1;
    }
    if (measured) mask[bin] = 1;
    else values[bin] = 0;
  }
  return { mu: values, mask };
}
