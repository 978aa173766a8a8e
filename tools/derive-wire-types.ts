import avro from 'avsc';

type Schema = string | Schema[] | { type: Schema; [key: string]: unknown };
type Field = { name: string; type: Schema; doc?: string };

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
 * Files that follow from the schemas: TypeScript types of the decoded records, and the fingerprints that foreign clients
 * put into their headers. The schemas are the truth; these are regenerated, never edited.
 */
export function derivedFiles(schemas: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(schemas).sort();
  const types = names.map((file) => {
    const schema = JSON.parse(schemas[file]!) as { name: string; doc?: string; fields: Field[] };
    return `/** ${schema.doc} (schemas/${file}) */\nexport type Wire${schema.name} = ${typeOf(schema as never, 0)};\n`;
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

function typeOf(schema: Schema, depth: number): string {
  if (typeof schema === 'string') {
    const type = PRIMITIVES[schema];
    if (type === undefined) throw new Error(`Expected a primitive Avro type, got a reference to ${schema}`);
    return type;
  }
  if (Array.isArray(schema)) return schema.map((branch) => typeOf(branch, depth)).join(' | ');
  switch (schema.type) {
    case 'record': {
      const pad = '  '.repeat(depth + 1);
      const fields = (schema.fields as Field[]).map(
        (field) =>
          `${field.doc ? `${pad}/** ${field.doc} */\n` : ''}${pad}readonly ${field.name}: ${typeOf(field.type, depth + 1)};`,
      );
      return `{\n${fields.join('\n')}\n${'  '.repeat(depth)}}`;
    }
    case 'enum':
      return (schema.symbols as string[]).map((symbol) => `'${symbol}'`).join(' | ');
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
