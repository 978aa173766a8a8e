import { headline } from '../../../../src/messages/scan-reading.ts';
import type { ScanRow } from '../../../protocol/events.ts';
import { formatValue, withSign } from './format.ts';
import { VERDICT_WORDS } from './verdict-words.ts';

/** A circle that is filled half: what stands beside it is of a scan that is measured in part. */
export const MEASURED_SIGN = '◐';

/** What is read of a scan that is still being measured. */
export function measuredWords(row: ScanRow): string {
  const reading = headline(row);
  const begun = `${MEASURED_SIGN} Scan ${row.sequence} is still being measured`;
  if (reading === undefined || reading.value === null) return `${begun}; the whole takes its place.`;
  const text = formatValue(reading.value, reading.low, reading.high);
  const value = reading.name === 'OS' ? `oxidation state ${withSign(text)}` : `${reading.name} ${text}`;
  const mean = reading.method === null ? '' : 'mean ';
  return `${begun}: ${mean}${value} so far, ${VERDICT_WORDS[reading.verdict]}; the whole takes its place.`;
}
