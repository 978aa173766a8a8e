import type { ChangePointRow } from '../../../protocol/events.ts';
import { formatNumber, formatValue, withSign } from './format.ts';

/** What a change is, in plain words: `mean oxidation state stepped by +0.31 (0.2 to 0.4)`. */
export function changeWords({ quantity, kind, size, low, high, perHour }: ChangePointRow): string {
  const isState = quantity === 'MEAN_OXIDATION_STATE';
  const what = isState ? 'mean oxidation state' : 'spectrum';
  const by = isState ? withSign(formatValue(size, low, high)) : `${formatNumber(size, 2)} of the edge step`;
  const rate =
    perHour === null
      ? ''
      : `, ${isState ? withSign(formatNumber(perHour, 2)) : formatNumber(perHour, 2)} an hour`;
  if (kind === 'STEP') return `${what} stepped by ${by}`;
  if (kind === 'DRIFT') return `${what} drifts${rate}`;
  if (kind === 'STEADY') return `${what} is steady again, after ${by}`;
  return `${what} is back at a former level, by ${by}`;
}
