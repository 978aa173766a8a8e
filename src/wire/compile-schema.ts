import avro from 'avsc';
import { boundedBlocks } from './bounded-blocks.ts';
import { floatArrayType } from './float-array-type.ts';

/** An Avro schema as a type that copies arrays of floats whole, and believes no count that the bytes cannot hold. */
export const compileSchema = (text: string): avro.Type => avro.Type.forSchema(JSON.parse(text), { typeHook });

/** Puts bounded and block-copying types in place of avsc's own; avsc calls it for every schema within a schema. */
function typeHook(schema: unknown, options: unknown): avro.Type | undefined {
  if (isFloatArray(schema)) return floatArrayType(schema.items);
  if (hasBlocks(schema) && !inMaking.has(schema)) {
    const itself = { ...schema };
    inMaking.add(itself); // avsc asks for its own type of this very schema; what lies within goes through the hook
    return boundedBlocks(avro.Type.forSchema(itself as avro.Schema, options as object));
  }
  if (!Array.isArray(schema) || !schema.some(isFloatArray)) return undefined;
  const union = avro.Type.forSchema(
    schema.map((branch) => (isFloatArray(branch) ? floatArrayType(branch.items) : branch)),
    { ...(options as object), typeHook: undefined as never },
  );
  // avsc picks a union's branch by the kind of JavaScript value, and knows typed arrays only as objects.
  const indices = (union as unknown as { _bucketIndices: Record<string, number> })._bucketIndices;
  if (indices.object !== undefined)
    throw new Error('Expected a union of a float array with no record or map in it');
  indices.object = schema.findIndex(isFloatArray);
  return union;
}

/** Schemas that are being wrapped. */
const inMaking = new WeakSet<object>();

const hasBlocks = (schema: unknown): schema is { type: 'array' | 'map' } =>
  typeof schema === 'object' &&
  schema !== null &&
  ['array', 'map'].includes((schema as { type?: string }).type ?? '');

const isFloatArray = (schema: unknown): schema is { type: 'array'; items: 'double' | 'float' } =>
  typeof schema === 'object' &&
  (schema as { type?: unknown }).type === 'array' &&
  ['double', 'float'].includes((schema as { items?: string }).items ?? '');
