import type { Spectrum } from '../state/spectrum.ts';
import { formatValue } from '../words/format.ts';
import { h } from './dom.ts';

/** A component of a mixture: which scan, and its share with the standard uncertainty, in percent. */
export function lineOfShares(component: Spectrum, share: number, uncertainty: number): HTMLTableRowElement {
  const [percent, half] = [100 * share, 100 * Math.max(uncertainty, 0.0005)];
  return h(
    'tr',
    {},
    h('th', { scope: 'row', dir: 'auto' }, `${component.sampleId}, scan ${component.sequence}`),
    h('td', { class: 'number' }, `${formatValue(percent, percent - half, percent + half)} %`),
  );
}
