import { h } from './dom.ts';

/** Says that a part is shown, and shows all again. */
export function zoomButton(text: string, whole: () => void): HTMLButtonElement {
  const button = h(
    'button',
    { class: 'quiet zoomed', title: 'Show all (Escape)', click: whole },
    `${text} ✕`,
  );
  button.setAttribute('aria-label', `${text}: show all`);
  button.hidden = true;
  return button;
}
