import avro from 'avsc';

export type Schema = string | Schema[] | { type: Schema; [key: string]: unknown };
export type Field = {
  readonly name: string;
  readonly type: Schema;
  readonly doc?: string;
  readonly default?: unknown;
  /** Of a text that is one of a list that grows: what there is, by its name. */
  readonly kinds?: Readonly<Record<string, unknown>>;
  readonly codes?: Readonly<Record<string, unknown>>;
};
export type RecordSchema = {
  readonly name: string;
  readonly doc?: string;
  readonly fields: readonly Field[];
};

const COLUMNS = 120;

const PRIMITIVES: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Buffer',
};

/** Arrays of numbers as our own codecs make them, and as any Avro library does. */
const TYPED_ARRAYS = { double: 'Float64Array', float: 'Float32Array' };
const PLAIN_ARRAYS = { double: 'readonly number[]', float: 'readonly number[]' };
type Arrays = typeof TYPED_ARRAYS;

/** TypeScript types of records, each named `prefix` and its own name. */
export function typescriptTypes(
  schemas: readonly (readonly [file: string, text: string])[],
  { prefix, arrays }: { readonly prefix: string; readonly arrays: 'typed' | 'plain' },
): string {
  const types = schemas.map(([file, text]) => {
    const schema = JSON.parse(text) as RecordSchema;
    const how = arrays === 'typed' ? TYPED_ARRAYS : PLAIN_ARRAYS;
    const record = `export type ${prefix}${schema.name} = ${typeOf(schema as never, 0, how)};\n`;
    return `${comment(`${schema.doc} (schemas/${file})`)}${record}${lists(schema, prefix)}`;
  });
  return `// Made by tools/schemas.ts from schemas/*.avsc. Do not edit.\n\n${types.join('\n')}`;
}

/** Names and SHA-256 of the schemas, which foreign clients put into their headers. */
export function fingerprintsOf(schemas: readonly (readonly [file: string, text: string])[]): string {
  const fingerprints = schemas.map(([file, text]) => {
    const type = avro.Type.forSchema(JSON.parse(text));
    const { name } = type as avro.types.RecordType;
    return [file, { name, sha256: type.fingerprint('sha256').toString('hex') }];
  });
  return `${JSON.stringify(Object.fromEntries(fingerprints), null, 2)}\n`;
}

/** Of each text that is one of a list, a type of what is in the list today. */
function lists({ name, fields }: RecordSchema, prefix: string): string {
  return fields
    .flatMap((field) => {
      const list = field.kinds ?? field.codes;
      if (list === undefined) return [];
      const type = `${prefix}${name}${field.name[0]!.toUpperCase()}${field.name.slice(1)}`;
      const words = Object.keys(list).map((word) => `\n  | '${word}'`);
      return `\n/** What \`${field.name}\` may be today. */\nexport type ${type} =${words.join('')};\n`;
    })
    .join('');
}

/** Enums that were met, to which later fields may refer. */
const named = new Map<string, string>();

function typeOf(schema: Schema, depth: number, arrays: Arrays): string {
  if (typeof schema === 'string') {
    const type = PRIMITIVES[schema] ?? named.get(schema);
    if (type === undefined)
      throw new Error(`Expected a primitive Avro type or an enum that stands before, got ${schema}`);
    return type;
  }
  if (Array.isArray(schema)) return schema.map((branch) => typeOf(branch, depth, arrays)).join(' | ');
  switch (schema.type) {
    case 'record': {
      const pad = '  '.repeat(depth + 1);
      const fields = (schema.fields as Field[]).map(
        ({ name, type, doc }) =>
          `${doc ? comment(doc, pad) : ''}${pad}readonly ${name}: ${typeOf(type, depth + 1, arrays)};`,
      );
      return `{\n${fields.join('\n')}\n${'  '.repeat(depth)}}`;
    }
    case 'enum': {
      const symbols = (schema.symbols as string[]).map((symbol) => `'${symbol}'`).join(' | ');
      named.set(schema.name as string, symbols);
      return symbols;
    }
    case 'map':
      return `Readonly<Record<string, ${typeOf(schema.values as Schema, depth, arrays)}>>`;
    case 'array':
      if (schema.items === 'double' || schema.items === 'float') return arrays[schema.items];
      return `readonly (${typeOf(schema.items as Schema, depth, arrays)})[]`;
    default:
      return typeOf(schema.type, depth, arrays);
  }
}

/** On one line where it fits into the columns that comments have here. */
function comment(text: string, pad = ''): string {
  const line = `${pad}/** ${text} */\n`;
  if (line.length <= COLUMNS + 1) return line;
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (`${pad} *${longer}`.length <= COLUMNS) lines[lines.length - 1] = longer;
    else lines.push(` ${word}`);
  }
  return `${pad}/**\n${lines.map((each) => `${pad} *${each}\n`).join('')}${pad} */\n`;
}
