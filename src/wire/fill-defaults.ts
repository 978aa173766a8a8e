type Field = { readonly name: string; readonly type: unknown; readonly default?: unknown };
type RecordSchema = { readonly type: 'record'; readonly fields: readonly Field[] };
type ArraySchema = { readonly type: 'array'; readonly items: unknown };

/**
 * A value with the defaults of all fields that it lacks, of records in arrays and in fields too, also of those that may
 * be null, as what was written with a former schema lacks them. What neither is nor holds a record comes back as it is.
 * @param schema Avro, parsed; records are written where they are used first, as in schemas/
 */
export function fillDefaults(schema: unknown, value: unknown): unknown {
  if (Array.isArray(schema)) return value === null ? null : fillDefaults(schema.find(holdsRecords), value);
  if (isArray(schema) && holdsRecords(schema.items))
    return (value as readonly unknown[]).map((each) => fillDefaults(schema.items, each));
  if (!isRecord(schema)) return value;
  const given = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    schema.fields.map(({ name, type, default: otherwise }) => [
      name,
      Object.hasOwn(given, name) ? fillDefaults(type, given[name]) : otherwise,
    ]),
  );
}

const kindOf = (schema: unknown): unknown => (schema as { type?: unknown } | null)?.type;
const isRecord = (schema: unknown): schema is RecordSchema => kindOf(schema) === 'record';
const isArray = (schema: unknown): schema is ArraySchema => kindOf(schema) === 'array';
const holdsRecords = (schema: unknown): boolean =>
  isRecord(schema) || (isArray(schema) && holdsRecords(schema.items));
