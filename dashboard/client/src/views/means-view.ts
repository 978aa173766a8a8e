import type { ChangeRow, MeanRow, ScanDetail, ScanRow } from '../../../protocol/events.ts';
import { setVerdictIcon, verdictIcon } from '../charts/verdict-icon.ts';
import { axisTime } from '../state/row-times.ts';
import { formatTime, formatValue, withSign } from '../words/format.ts';
import { likelihood, methodWords, shiftSource, VERDICT_WORDS } from '../words/verdict-words.ts';
import { h, setText, show } from './dom.ts';

export type MeansView = {
  readonly element: HTMLElement;
  /** @param rows the history in which the scan that a change counts from is looked up */
  draw(row: ScanRow, detail: ScanDetail | null, rows: readonly ScanRow[]): void;
};

/** The means over the sites of the sample, and what they rest on. */
export function meansView(): MeansView {
  const caption = h('caption', {});
  const lines = h('tbody', {});
  const table = h(
    'table',
    { class: 'values means' },
    caption,
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ...['descriptor', 'mean', 'read by', 'verdict'].map((text) => h('th', { scope: 'col' }, text)),
      ),
    ),
    lines,
  );
  const facts = h('dl', { class: 'facts mean-facts' });
  return {
    element: h('div', {}, table, facts),
    draw(row, detail, rows) {
      const { means = [] } = row;
      show(table, means.length > 0);
      const level = detail?.meansLevel ?? null;
      const intervals = level === null ? '' : `, ${Math.round(100 * level)}% intervals`;
      setText(caption, `Means over all sites${intervals}`);
      while (lines.children.length > means.length) lines.lastElementChild!.remove();
      for (const [i, mean] of means.entries())
        drawLine(lines.children[i] ?? lines.appendChild(meanLine()), mean);
      facts.replaceChildren(
        ...factsOf(row, detail, rows).flatMap(([term, text]) => [
          h('dt', {}, term),
          h('dd', { dir: 'auto' }, text),
        ]),
      );
    },
  };
}

function meanLine(): HTMLTableRowElement {
  return h(
    'tr',
    {},
    h('th', { scope: 'row', 'data-part': '' }),
    h('td', { class: 'number', 'data-part': '' }),
    h('td', { class: 'probabilities', 'data-part': '' }),
    h('td', {}, h('span', { class: 'verdict-word', 'data-part': '' }, verdictIcon('ACCEPT'), h('span', {}))),
  );
}

function drawLine(line: Element, { name, value, low, high, verdict, method }: MeanRow): void {
  const [title, number, by, judged] = line.querySelectorAll('[data-part]');
  const text = formatValue(value, low, high);
  setText(title!, name);
  setText(number!, name === 'OS' ? withSign(text) : text);
  setText(by!, methodWords(method));
  setVerdictIcon(judged!.firstElementChild as SVGSVGElement, verdict, '');
  setText(judged!.lastElementChild!, VERDICT_WORDS[verdict]);
  line.classList.toggle('untrusted', verdict === 'REJECT');
}

function factsOf(
  { change, mixedSites }: ScanRow,
  detail: ScanDetail | null,
  rows: readonly ScanRow[],
): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  if (mixedSites !== null && mixedSites !== undefined) found.push(['Sites differ', likelihood(mixedSites)]);
  if (change) found.push([`Change of ${change.name}`, changeWords(change, rows)]);
  if (!detail) return found;
  const { energyShiftEv, energyShiftSource, energyScale } = detail.preparation;
  const sigma = detail.energySigmaEv;
  const shift = `${withSign(energyShiftEv.toFixed(2))}${sigma === null ? '' : ` ± ${sigma.toFixed(2)}`} eV`;
  return [
    ...found,
    ['Energy shift', `${shift}, from ${shiftSource(energyShiftSource, energyScale)}`],
    ['Standards', detail.standards.length === 0 ? 'none applied' : detail.standards.slice(0, 12).join(', ')],
  ];
}

function changeWords({ value, low, high, since }: ChangeRow, rows: readonly ScanRow[]): string {
  const reference = rows.find(({ scanId }) => scanId === since);
  const from = reference
    ? `scan ${reference.sequence}, ${formatTime(axisTime(reference), Date.now())}`
    : since;
  return `${withSign(formatValue(value, low, high))} since ${from}`;
}
