import type { VerdictName } from '../words/verdict-words.ts';
import { colours, shadeOf } from './colours.ts';
import { mark } from './mark.ts';

/** Training spectra: grey where `shade` is NaN, faint ones of other elements. */
export type MapDots = {
  readonly x: readonly number[]; // [spectra]
  readonly y: readonly number[]; // [spectra]
  readonly shades: Float64Array; // [spectra]
  readonly isOwn: (i: number) => boolean;
};

export type MapMark<Of> = {
  readonly x: number;
  readonly y: number;
  readonly verdict: VerdictName;
  readonly of: Of;
};

/** Ends of what is seen, from and to. */
export type MapEnds = readonly [x: readonly [number, number], y: readonly [number, number]];

type Drawn<Of> = {
  readonly dots: MapDots;
  readonly marks: readonly MapMark<Of>[];
  readonly special: { readonly newest: Of | null; readonly chosen: Of | null };
  readonly ends: MapEnds;
};

export type MapChart<Of> = {
  /** @param next its marks oldest first */
  set(next: Drawn<Of>): void;
  resize(): void;
  /** The mark nearest to a place of the canvas, CSS pixels, within a finger's width; null: there is none. */
  at(left: number, top: number): Of | null;
  readonly canvas: HTMLCanvasElement;
};

const FINGER_PX = 18;

/** A map has no axes: one scale for both directions, and what is near lies near. */
export function mapChart<Of>(into: HTMLElement, rem: number): MapChart<Of> {
  const canvas = document.createElement('canvas');
  into.append(canvas);
  const base = document.createElement('canvas'); // the training spectra, which change rarely
  let drawn: Drawn<Of> | null = null;
  let isBaseOld = true;

  /** From the map to the canvas, device pixels. */
  function projection([[left, right], [bottom, top]]: MapEnds) {
    const margin = 0.8 * rem * devicePixelRatio;
    const { width, height } = canvas;
    const scale = Math.min((width - 2 * margin) / (right - left), (height - 2 * margin) / (top - bottom));
    return (x: number, y: number) =>
      [width / 2 + scale * (x - (left + right) / 2), height / 2 - scale * (y - (bottom + top) / 2)] as const;
  }

  function drawBase({ x, y, shades, isOwn }: MapDots, at: ReturnType<typeof projection>): void {
    base.width = canvas.width;
    base.height = canvas.height;
    const ctx = base.getContext('2d')!;
    const { faint, dim } = colours();
    const size = Math.max(2, 0.22 * rem * devicePixelRatio);
    const dots = (alpha: number, each: (i: number) => string | null) => {
      ctx.globalAlpha = alpha;
      for (let i = 0; i < x.length; i++) {
        const colour = each(i);
        if (colour === null) continue;
        const [px, py] = at(x[i]!, y[i]!);
        ctx.fillStyle = colour;
        ctx.fillRect(px - size / 2, py - size / 2, size, size);
      }
    };
    dots(0.3, (i) => (isOwn(i) ? null : faint));
    dots(0.6, (i) => (isOwn(i) && Number.isNaN(shades[i]!) ? dim : null));
    dots(1, (i) => (isOwn(i) && !Number.isNaN(shades[i]!) ? shadeOf(shades[i]!) : null));
  }

  function draw(): void {
    if (!drawn || canvas.width === 0 || canvas.height === 0) return;
    const { dots, marks, special, ends } = drawn;
    const at = projection(ends);
    if (isBaseOld) drawBase(dots, at);
    isBaseOld = false;
    const ctx = canvas.getContext('2d')!;
    ctx.clearRect(0, 0, canvas.width, canvas.height);
    ctx.drawImage(base, 0, 0);
    const { ink, page, verdict: tints } = colours();
    const radius = 0.26 * rem * devicePixelRatio;
    for (const [i, { x, y, verdict }] of marks.entries()) {
      const shape = new Path2D();
      mark(shape, verdict, ...at(x, y), radius);
      ctx.globalAlpha = 0.35 + (0.65 * (i + 1)) / marks.length;
      ctx.lineWidth = 3 * devicePixelRatio;
      ctx.strokeStyle = page;
      ctx.stroke(shape);
      ctx.lineWidth = 1.5 * devicePixelRatio;
      ctx.strokeStyle = ctx.fillStyle = tints[verdict];
      if (verdict === 'REJECT') ctx.stroke(shape);
      else ctx.fill(shape);
    }
    ctx.globalAlpha = 1;
    ctx.strokeStyle = ink;
    ctx.lineWidth = 1.5 * devicePixelRatio;
    const find = (of: Of | null) => (of === null ? undefined : marks.find((each) => each.of === of));
    const [last, picked] = [find(special.newest), find(special.chosen)];
    if (last) crosshair(ctx, ...at(last.x, last.y), 2.6 * radius);
    if (picked) {
      ctx.beginPath();
      ctx.arc(...at(picked.x, picked.y), 1.8 * radius, 0, 2 * Math.PI);
      ctx.stroke();
    }
  }

  return {
    canvas,
    set(next) {
      isBaseOld ||= drawn?.dots !== next.dots || String(drawn.ends) !== String(next.ends);
      drawn = next;
      draw();
    },
    resize() {
      canvas.width = Math.round(into.clientWidth * devicePixelRatio);
      canvas.height = Math.round(into.clientHeight * devicePixelRatio);
      isBaseOld = true;
      draw();
    },
    at(left, top) {
      if (!drawn) return null;
      const { marks, ends } = drawn;
      const at = projection(ends);
      let [best, least]: [Of | null, number] = [null, FINGER_PX * devicePixelRatio];
      for (const { x, y, of } of marks) {
        const [px, py] = at(x, y);
        const distance = Math.hypot(px - left * devicePixelRatio, py - top * devicePixelRatio);
        if (distance <= least) [best, least] = [of, distance]; // of those at one place the newest
      }
      return best;
    },
  };
}

/** Four ticks around a place. */
function crosshair(ctx: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  ctx.beginPath();
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const) {
    ctx.moveTo(x + dx * r, y + dy * r);
    ctx.lineTo(x + dx * 2.4 * r, y + dy * 2.4 * r);
  }
  ctx.stroke();
}
