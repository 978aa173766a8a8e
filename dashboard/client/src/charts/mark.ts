import type { VerdictName } from '../words/verdict-words.ts';

/** Adds the shape of a verdict to a path: circle, triangle or cross, px. */
export function mark(path: Path2D, verdict: VerdictName, x: number, y: number, r: number): void {
  if (verdict === 'ACCEPT') {
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, 2 * Math.PI);
  } else if (verdict === 'FLAG') {
    path.moveTo(x, y - 1.25 * r);
    path.lineTo(x + 1.15 * r, y + 0.85 * r);
    path.lineTo(x - 1.15 * r, y + 0.85 * r);
    path.closePath();
  } else {
    path.moveTo(x - r, y - r);
    path.lineTo(x + r, y + r);
    path.moveTo(x + r, y - r);
    path.lineTo(x - r, y + r);
  }
}
