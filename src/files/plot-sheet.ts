import type { FileAnswer } from './predict-text.ts';

/** One panel: what it is called, what was said of it, and its curve; no curve where it was refused. */
export type Panel = {
  readonly title: string;
  readonly words: string;
  readonly energyEv: ArrayLike<number>;
  readonly mu: ArrayLike<number>;
};

const WIDTH = 260;
const HEIGHT = 170;
const LEFT = 30;
const BOTTOM = 22;
const TOP = 6;
const RIGHT = 6;
/** Panels of one sheet: a page of more is not looked at, and not drawn by browsers. */
export const MOST_PANELS = 5000;

/** A page of HTML with a small plot for each panel, in SVG: normalised mu against energy, no script, no other file. */
export function plotSheet(panels: readonly Panel[], heading: string): string {
  const style =
    'body{font:13px/1.3 system-ui,sans-serif;margin:16px;background:#fff;color:#1b1b1b}' +
    'main{display:flex;flex-wrap:wrap;gap:14px}figure{margin:0;width:260px}' +
    'figcaption{overflow-wrap:anywhere}small{color:#555}' +
    'svg{display:block}path{fill:none;stroke:#1f5fa8;stroke-width:1.2}line{stroke:#999}text{font-size:10px;fill:#555}';
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(heading)}</title><style>${style}</style>`,
    `<h1>${escaped(heading)}</h1><main>`,
    ...panels.map(figure),
    '</main></html>',
    '',
  ].join('\n');
}

/** The panel of an answer of `predict`. */
export function panelOf(answer: FileAnswer, words: string): Panel {
  const title = answer.id === undefined ? answer.file : `${answer.file} ${answer.id}`;
  if (answer.reject !== null) return { title, words, energyEv: [], mu: [] };
  return { title, words, ...answer.prepared.spectrum };
}

function figure({ title, words, energyEv, mu }: Panel): string {
  const caption = `<figcaption>${escaped(title)}<br><small>${escaped(words)}</small></figcaption>`;
  return `<figure>${energyEv.length > 1 ? plot(energyEv, mu) : ''}${caption}</figure>`;
}

function plot(energyEv: ArrayLike<number>, mu: ArrayLike<number>): string {
  const [fromEv, toEv] = [energyEv[0]!, energyEv[energyEv.length - 1]!];
  const values = Array.from(mu);
  const [least, most] = [Math.min(0, ...values), Math.max(1, ...values)];
  const x = (ev: number) => LEFT + ((ev - fromEv) / (toEv - fromEv)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => TOP + ((most - value) / (most - least)) * (HEIGHT - TOP - BOTTOM);
  const points = values.map((value, i) => `${x(energyEv[i]!).toFixed(1)},${y(value).toFixed(1)}`);
  const label = (at: number, anchor: string, text: string) =>
    `<text x="${at}" y="${HEIGHT - 6}" text-anchor="${anchor}">${text}</text>`;
  const tick = (value: number) =>
    `<text x="${LEFT - 4}" y="${(y(value) + 3).toFixed(1)}" text-anchor="end">${value}</text>`;
  return [
    `<svg width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/>`,
    `<line x1="${LEFT}" x2="${LEFT}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`,
    `<path d="M${points.join('L')}"/>`,
    ...[
      tick(0),
      tick(1),
      label(LEFT, 'start', fromEv.toFixed(0)),
      label(WIDTH - RIGHT, 'end', `${toEv.toFixed(0)} eV`),
    ],
    '</svg>',
  ].join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign]!);
