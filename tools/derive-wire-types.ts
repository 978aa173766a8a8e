import avro from 'avsc';

type Schema = string | Schema[] | { type: Schema; [key: string]: unknown };
type Field = { name: string; type: Schema; doc?: string };

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

/**
 * Files that follow from the schemas: TypeScript types of the decoded records, and the fingerprints that foreign
 * clients put into their headers. The schemas are the truth; these are regenerated, never edited.
 */
export function derivedFiles(schemas: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(schemas).sort();
  const types = names.map((file) => {
    const schema = JSON.parse(schemas[file]!) as { name: string; doc?: string; fields: Field[] };
    return `${comment(`${schema.doc} (schemas/${file})`)}export type Wire${schema.name} = ${typeOf(schema as never, 0)};\n`;
  });
  const fingerprints = names.map((file) => {
    const type = avro.Type.forSchema(JSON.parse(schemas[file]!));
    return [
      file,
      { name: (type as avro.types.RecordType).name, sha256: type.fingerprint('sha256').toString('hex') },
    ];
  });
  return {
    'src/wire/generated.ts': `// Made by tools/schemas.ts from schemas/*.avsc. Do not edit.\n\n${types.join('\n')}`,
    'schemas/fingerprints.json': `${JSON.stringify(Object.fromEntries(fingerprints), null, 2)}\n`,
  };
}

/** Enums that were met, to which later fields may refer. */
const named = new Map<string, string>();

function typeOf(schema: Schema, depth: number): string {
  if (typeof schema === 'string') {
    const type = PRIMITIVES[schema] ?? named.get(schema);
    if (type === undefined)
      throw new Error(`Expected a primitive Avro type or an enum that stands before, got ${schema}`);
    return type;
  }
  if (Array.isArray(schema)) return schema.map((branch) => typeOf(branch, depth)).join(' | ');
  switch (schema.type) {
    case 'record': {
      const pad = '  '.repeat(depth + 1);
      const fields = (schema.fields as Field[]).map(
        ({ name, type, doc }) =>
          `${doc ? comment(doc, pad) : ''}${pad}readonly ${name}: ${typeOf(type, depth + 1)};`,
      );
      return `{\n${fields.join('\n')}\n${'  '.repeat(depth)}}`;
    }
    case 'enum': {
      const symbols = (schema.symbols as string[]).map((symbol) => `'${symbol}'`).join(' | ');
      named.set(schema.name as string, symbols);
      return symbols;
    }
    case 'map':
      return `Readonly<Record<string, ${typeOf(schema.values as Schema, depth)}>>`;
    case 'array':
      if (schema.items === 'double') return 'Float64Array';
      if (schema.items === 'float') return 'Float32Array';
      return `readonly (${typeOf(schema.items as Schema, depth)})[]`;
    default:
      return typeOf(schema.type, depth);
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
