import { existsSync, readFileSync } from 'node:fs';
import type { MeasuredMeans } from '../../src/gating/gate-table.ts';
import { MEASURED_MEANS } from './data-folders.ts';

/** What fit-measured-means wrote; null where nobody fitted it. */
export function readMeasuredMeans(): MeasuredMeans | null {
  return existsSync(MEASURED_MEANS)
    ? (JSON.parse(readFileSync(MEASURED_MEANS, 'utf8')) as MeasuredMeans)
    : null;
}
