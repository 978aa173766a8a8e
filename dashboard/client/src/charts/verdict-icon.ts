import { svg } from '../views/dom.ts';
import { VERDICT_WORDS, type VerdictName } from '../words/verdict-words.ts';

/** Circle, triangle or cross: the verdict must be readable without its colour. */
export function verdictIcon(verdict: VerdictName, title = VERDICT_WORDS[verdict]): SVGSVGElement {
  const icon = svg('svg', { viewBox: '0 0 12 12', class: 'verdict', role: 'img' });
  setVerdictIcon(icon, verdict, title);
  return icon;
}

export function setVerdictIcon(
  icon: SVGSVGElement,
  verdict: VerdictName,
  title = VERDICT_WORDS[verdict],
): void {
  if (icon.dataset.verdict !== verdict) {
    icon.dataset.verdict = verdict;
    icon.replaceChildren(svg('path', { d: SHAPES[verdict] }));
  }
  if (icon.getAttribute('aria-label') === title) return;
  // Where the word stands beside it, the shape would only say it twice.
  icon.setAttribute('aria-label', title);
  icon.setAttribute('aria-hidden', String(title === ''));
  icon.setAttribute('role', title === '' ? 'presentation' : 'img');
}

const SHAPES: Readonly<Record<VerdictName, string>> = {
  ACCEPT: 'M6 1.6a4.4 4.4 0 1 0 .001 0z',
  FLAG: 'M6 1 11.3 10.6H.7z',
  REJECT: 'M1.8 1.8l8.4 8.4M10.2 1.8 1.8 10.2',
};
