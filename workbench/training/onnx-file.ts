/**
 * ONNX in protocol buffers, written by hand: the few fields of onnx.proto (IR version 8, operator set 18) that export
 * needs.
 */

export type OnnxTensor = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly floats?: Float32Array;
  readonly integers?: BigInt64Array;
};

export type OnnxNode = {
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<
    Record<string, number | readonly number[] | { float: number } | { text: string }>
  >;
};

/** Shapes of what enters and leaves; -1 stands for the batch. */
export type OnnxValue = { readonly name: string; readonly shape: readonly number[] };

export type OnnxGraph = {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
};

export function encodeOnnx(graph: OnnxGraph): Buffer {
  return message(
    integer(1, 8), // ir_version
    text(2, 'xanes-stream'), // producer_name
    bytes(8, message(integer(2, 18))), // opset_import
    bytes(
      7,
      message(
        ...graph.nodes.map((node) => bytes(1, encodeNode(node))),
        text(2, graph.name),
        ...graph.tensors.map((tensor) => bytes(5, encodeTensor(tensor))),
        ...graph.inputs.map((value) => bytes(11, encodeValue(value))),
        ...graph.outputs.map((value) => bytes(12, encodeValue(value))),
      ),
    ),
  );
}

const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 };

function encodeNode(node: OnnxNode): Buffer {
  return message(
    ...node.inputs.map((name) => text(1, name)),
    ...node.outputs.map((name) => text(2, name)),
    text(3, node.outputs[0]!),
    text(4, node.opType),
    ...Object.entries(node.attributes).map(([name, value]) => bytes(5, encodeAttribute(name, value))),
  );
}

function encodeAttribute(name: string, value: OnnxNode['attributes'][string]): Buffer {
  if (typeof value === 'number') return message(text(1, name), integer(3, value), integer(20, ATTRIBUTE.int));
  if ('float' in value) return message(text(1, name), float(2, value.float), integer(20, ATTRIBUTE.float));
  if ('text' in value) return message(text(1, name), text(4, value.text), integer(20, ATTRIBUTE.string));
  return message(text(1, name), ...value.map((n) => integer(8, n)), integer(20, ATTRIBUTE.ints));
}

function encodeTensor({ name, shape, floats, integers }: OnnxTensor): Buffer {
  const data = floats ?? integers!;
  return message(
    ...shape.map((size) => integer(1, size)),
    integer(2, floats === undefined ? INT64 : FLOAT),
    text(8, name),
    bytes(9, Buffer.from(data.buffer, data.byteOffset, data.byteLength)), // raw_data, little-endian
  );
}

function encodeValue({ name, shape }: OnnxValue): Buffer {
  const dimensions = shape.map((size) => bytes(1, size === -1 ? text(2, 'batch') : integer(1, size)));
  const tensorType = message(integer(1, FLOAT), bytes(2, message(...dimensions)));
  return message(text(1, name), bytes(2, bytes(1, tensorType)));
}

const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields);
const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value));
const integer = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);
}

function float(field: number, value: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeFloatLE(value);
  return Buffer.concat([varint(field * 8 + 5), data]);
}

/** Base 128, least significant group first; negative numbers as 64-bit two's complement. */
function varint(value: number): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const groups: number[] = [];
  do {
    groups.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(groups);
}
