import type { OnnxGraphWriter } from './onnx-graph.ts';

/**
 * Networks are written with the channels on the last axis; ONNX convolutions want them on the second. So a value is
 * kept as its last node left it, and turned only where an operation needs the other.
 * - `last`: as its shape says
 * - `first`: [batch, l, c] as [batch, c, l], [batch, h, w, c] as [batch, c, h, w]
 * - `image`: [batch, l, c] as [batch, c', 1, l], which is what ONNX Runtime's convolutions and pooling in blocks of
 *   channels are for; c' is c filled up to whole blocks by channels of zeros
 */
export type Layout = 'last' | 'first' | 'image';

/** A value of the graph. */
export type Laid = {
  readonly name: string;
  /** As the network means it; -1 stands for the batch, without which it is a parameter or a constant. */
  readonly shape: readonly number[];
  readonly layout: Layout;
  /** c' of an image. */
  readonly channels?: number;
};

export const isBatch = ({ shape }: Laid): boolean => shape[0] === -1;

/** Where an axis of a value lies. */
export function storedAxis({ shape, layout }: Laid, axis: number): number {
  if (layout === 'last' || axis === 0) return axis;
  if (axis === shape.length - 1) return 1;
  return layout === 'image' ? 3 : axis + 1;
}

/** What turns values from one layout to another; a value that lies so already costs nothing. */
export type Layouts = {
  last(value: Laid): Laid;
  first(value: Laid): Laid;
  image(value: Laid): Laid;
  reshape(name: string, shape: readonly number[]): string;
};

export function layoutsOf(graph: OnnxGraphWriter): Layouts {
  const reshape = (name: string, shape: readonly number[]) =>
    graph.node('Reshape', [name, graph.integers(shape)]);
  const turn = (name: string, perm: readonly number[]) => graph.node('Transpose', [name], { perm });
  /** An image without the channels of zeros, which lie on the given axis. */
  function cut({ shape, channels }: Laid, name: string, axis: number): string {
    const c = shape[2]!;
    if (channels === c) return name;
    return graph.node('Slice', [name, graph.integers([0]), graph.integers([c]), graph.integers([axis])]);
  }
  function turned(value: Laid, to: readonly number[], perm: readonly number[]): string {
    const moves = value.shape.slice(1).filter((size) => size !== 1).length > 1;
    return moves ? turn(value.name, perm) : reshape(value.name, to);
  }

  function first(value: Laid): Laid {
    const { name, shape, layout } = value;
    if (layout === 'first') return value;
    if (shape.length === 4) return { name: turn(name, [0, 3, 1, 2]), shape, layout: 'first' };
    const [b, l, c] = shape as [number, number, number];
    const to = [b, c, l];
    const laid = layout === 'image' ? reshape(cut(value, name, 1), to) : turned(value, to, [0, 2, 1]);
    return { name: laid, shape, layout: 'first' };
  }
  function last(value: Laid): Laid {
    const { name, shape, layout } = value;
    if (layout === 'last') return value;
    if (shape.length === 4) return { name: turn(name, [0, 2, 3, 1]), shape, layout: 'last' };
    const laid =
      layout === 'image'
        ? reshape(cut(value, turn(name, [0, 2, 3, 1]), 3), shape) // the runtime turns it with its blocks, at no cost
        : turned(value, shape, [0, 2, 1]);
    return { name: laid, shape, layout: 'last' };
  }
  function image(value: Laid): Laid {
    if (value.layout === 'image') return value;
    const [, l, c] = value.shape as [number, number, number];
    return {
      name: reshape(first(value).name, [-1, c, 1, l]),
      shape: value.shape,
      layout: 'image',
      channels: c,
    };
  }
  return { last, first, image, reshape };
}
