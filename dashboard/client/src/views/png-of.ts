import { colours } from '../charts/colours.ts';

/**
 * The plots that are seen within an element, and the words beside them, as one PNG: canvases where they stand, text in
 * the style that it has.
 */
export async function pngOf(element: HTMLElement): Promise<Blob> {
  const bounds = element.getBoundingClientRect();
  const ratio = devicePixelRatio;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bounds.width * ratio);
  canvas.height = Math.round(bounds.height * ratio);
  const ctx = canvas.getContext('2d')!;
  ctx.scale(ratio, ratio);
  ctx.translate(-bounds.left, -bounds.top);
  ctx.fillStyle = getComputedStyle(element.querySelector('section') ?? element).backgroundColor;
  ctx.fillRect(bounds.left, bounds.top, bounds.width, bounds.height);
  for (const plot of element.querySelectorAll('canvas')) {
    const { left, top, width, height } = plot.getBoundingClientRect();
    if (width > 0 && height > 0) ctx.drawImage(plot, left, top, width, height);
  }
  ctx.textBaseline = 'middle';
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) drawText(ctx, node as Text);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large'))),
      'image/png',
    ),
  );
}

/** A text where it stands, line by line as the browser broke it. */
function drawText(ctx: CanvasRenderingContext2D, node: Text): void {
  const text = node.textContent ?? '';
  const parent = node.parentElement;
  if (text.trim() === '' || !parent?.checkVisibility({ visibilityProperty: true })) return;
  const style = getComputedStyle(parent);
  ctx.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  ctx.fillStyle = style.color || colours().ink;
  const range = document.createRange();
  let from = 0;
  let line: DOMRect | null = null;
  const put = (to: number) => {
    if (line) ctx.fillText(text.slice(from, to).trim(), line.left, line.top + line.height / 2);
  };
  for (let i = 0; i < text.length; i++) {
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    const at = range.getBoundingClientRect();
    if (at.width === 0) continue;
    if (line && at.top < line.bottom - 1) continue;
    put(i);
    from = i;
    line = at;
  }
  put(text.length);
}
