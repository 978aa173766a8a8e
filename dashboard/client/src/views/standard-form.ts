import type { StandardWish } from '../../../protocol/events.ts';
import type { Say } from '../state/say.ts';
import { h, setText } from './dom.ts';

/** Makes the shown scan a standard: a foil, or a sample whose mean oxidation state is known. */
export function standardForm(say: Say, shownScan: () => string | null): HTMLElement {
  const kind = h(
    'select',
    { 'aria-label': 'What is known of it' },
    h('option', { value: 'state' }, 'mean oxidation state'),
    h('option', { value: 'foil' }, 'a foil of the metal'),
  );
  const number = (name: string) =>
    h('input', { class: 'number-text', inputmode: 'decimal', 'aria-label': name, placeholder: name });
  const [value, uncertainty] = [number('mean oxidation state'), number('its standard uncertainty')];
  const said = h('p', { class: 'dim', role: 'status' });
  const state = h('span', {}, value, ' ± ', uncertainty);
  kind.addEventListener('change', () => {
    state.hidden = kind.value === 'foil';
  });
  const form = h(
    'form',
    { submit: ((event: Event) => void mark(event)) as (event: never) => void },
    kind,
    state,
    h('button', { class: 'quiet' }, 'Mark'),
  );

  async function mark(event: Event): Promise<void> {
    event.preventDefault();
    const scanId = shownScan();
    if (scanId === null) return;
    const known: StandardWish['known'] =
      kind.value === 'foil'
        ? 'foil'
        : { value: numberOf(value.value), uncertainty: numberOf(uncertainty.value) };
    setText(said, 'Writing …');
    const found = await say.markStandard({ scanId, known });
    setText(
      said,
      'refused' in found
        ? `Not kept: ${found.refused}.`
        : `Kept as ${found.id}: scans of this beamline that end from now on are read with it.`,
    );
  }

  return h('details', { class: 'standard' }, h('summary', {}, 'Mark as a standard'), form, said);
}

/** NaN for none, which the server refuses in words. */
const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text.replace(',', '.')));
