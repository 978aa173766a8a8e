import type { Field, RecordSchema, Schema } from './derive-wire-types.ts';

const COLUMNS = 120;

const PRIMITIVES: Readonly<Record<string, string>> = {
  null: 'None',
  boolean: 'bool',
  int: 'int',
  long: 'int',
  float: 'float',
  double: 'float',
  string: 'str',
  bytes: 'bytes',
};

/** Python types of records as fastavro reads them: a TypedDict for each record, a Literal for each enum and list. */
export function pythonTypes(schemas: readonly (readonly [file: string, text: string])[]): string {
  const head = [
    '# Made by tools/schemas.ts from schemas/*.avsc. Do not edit.',
    '"""Messages as they are read: a dict for each record."""',
    '',
    'from __future__ import annotations',
    '',
    'from typing import Literal, TypedDict',
  ].join('\n');
  const written = new Map<string, string>(); // by their names, in the order in which they may be written
  for (const [file, text] of schemas) {
    const schema = JSON.parse(text) as RecordSchema;
    addRecord(schema, `${schema.doc} (schemas/${file})`, written);
  }
  return `${head}\n${[...written.values()].map((text) => `\n\n${text}`).join('')}`;
}

/** Records within a record come before it. */
function addRecord({ name, fields }: RecordSchema, doc: string, written: Map<string, string>): void {
  const lines = fields.map((field) => {
    const comment = field.doc ? wrapped(`# ${field.doc}`, '    # ', '    ') : '';
    return {
      comment,
      line: `    ${field.name}: ${typeOf(field.type, written)}\n`,
      isWord: field.name === 'if',
    };
  });
  for (const field of fields) addList(name, field, written);
  if (written.has(name)) return; // such as Source, which two messages have
  // `if` is a word of the language: such a record is written as a call.
  if (lines.some(({ isWord }) => isWord)) {
    const rows = lines.map(
      ({ comment, line }) => comment + line.replace(/^ {4}(\w+): (.*)\n$/, '    "$1": "$2",\n'),
    );
    written.set(
      name,
      `${wrapped(`# ${doc}`, '# ', '')}${name} = TypedDict("${name}", {\n${rows.join('')}})\n`,
    );
    return;
  }
  const rows = lines.map(({ comment, line }) => comment + line).join('');
  const said = doc === '' ? '' : `${wrapped(`"""${doc}"""`, '    ', '    ')}\n`;
  written.set(name, `class ${name}(TypedDict):\n${said}${rows}`);
}

function addList(record: string, { name, kinds, codes }: Field, written: Map<string, string>): void {
  const list = kinds ?? codes;
  if (list === undefined) return;
  const type = `${record}${name[0]!.toUpperCase()}${name.slice(1)}`;
  written.set(type, literal(type, Object.keys(list)));
}

function typeOf(schema: Schema, written: Map<string, string>): string {
  if (typeof schema === 'string') return PRIMITIVES[schema] ?? schema;
  if (Array.isArray(schema)) {
    const branches = schema.map((branch) => typeOf(branch, written));
    return [
      ...branches.filter((each) => each !== 'None'),
      ...branches.filter((each) => each === 'None'),
    ].join(' | ');
  }
  switch (schema.type) {
    case 'record':
      addRecord(schema as unknown as RecordSchema, String(schema.doc ?? ''), written);
      return schema.name as string;
    case 'enum':
      written.set(schema.name as string, literal(schema.name as string, schema.symbols as string[]));
      return schema.name as string;
    case 'map':
      return `dict[str, ${typeOf(schema.values as Schema, written)}]`;
    case 'array':
      return `list[${typeOf(schema.items as Schema, written)}]`;
    default:
      return typeOf(schema.type, written);
  }
}

const literal = (name: string, words: readonly string[]): string =>
  `${name} = Literal[\n${words.map((word) => `    "${word}",\n`).join('')}]\n`;

/** Lines of at most COLUMNS: the first with `first` before it, the others with `next`. */
function wrapped(text: string, next: string, first: string): string {
  const lines = [first];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    const longer = line.trim() === '' || line === next ? line + word : `${line} ${word}`;
    if (longer.length <= COLUMNS) lines[lines.length - 1] = longer;
    else lines.push(next + word);
  }
  return `${lines.join('\n')}\n`;
}
