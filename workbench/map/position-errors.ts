import { type MapFile, openMap } from '../../src/model/map.ts';
import { median, quantile, variance } from '../report/statistics.ts';

/**
 * Map position error: how far training spectra are placed from their positions when the map is asked for them as if it
 * had never seen them, in units of the map's spread (root mean square distance from its middle): every tenth of those
 * of elements with 20 or more.
 */
export function mapPositionErrors(
  file: MapFile,
  rows: readonly Int8Array[],
): { readonly median: number; readonly ninth: number } {
  const { element, x, y, mean } = file;
  const all = Int8Array.from(rows.flatMap((row) => [...row]));
  const spread = Math.sqrt(variance(x) + variance(y));
  const asked = rows.flatMap((_, i) => {
    return i % 10 === 0 && element.filter((e) => e === element[i]).length >= 20 ? [i] : [];
  });
  const errors = asked.map((i) => {
    // Named for nothing, the row is no neighbour of itself.
    const without = { ...file, element: element.map((e, row) => (row === i ? '' : e)) };
    const embedding = Float64Array.from(rows[i]!, (step, f) => mean[f]! + (step * file.scale[f]!) / 32);
    const at = openMap(without, all).locate(embedding, element[i]!)!;
    return Math.hypot(at.x - x[i]!, at.y - y[i]!) / spread;
  });
  return { median: median(errors), ninth: quantile(errors, 0.9) };
}
