/** A field of a schema file with its bounds: attributes beside its type, in the words of JSON Schema. */
export type Field = {
  readonly name: string;
  readonly type: unknown;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly kinds?: Readonly<Record<string, { readonly needs: readonly string[] }>>;
  readonly codes?: Readonly<Record<string, string>>;
};

/** Null where a message is within the bounds of its schema; else a sentence that names the field that is not. */
export function breach(fields: readonly Field[], message: Readonly<Record<string, unknown>>): string | null {
  for (const field of fields) {
    const value = message[field.name];
    const wrong = value === null ? null : breachOf(field, value);
    if (wrong !== null) return wrong;
  }
  return null;
}

function breachOf(field: Field, value: unknown): string | null {
  const { name, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = field;
  if (typeof value === 'string') return lengthBreach(field, value.length);
  if (typeof value === 'number') return sizeBreach(field, value);
  if (Array.isArray(value)) {
    if (value.length < minItems || value.length > maxItems)
      return `Expected ${name} to have ${between(minItems, maxItems)} items, got ${value.length}`;
    return firstOf(value, (item) => breachOf(field, item));
  }
  const record = recordType(field.type);
  if (record !== undefined) return breach(record.fields, value as Readonly<Record<string, unknown>>);
  return typeof value === 'object' ? mapBreach(field, value as Readonly<Record<string, string>>) : null;
}

/** Of a map the bound on lengths is on all names and values together. */
function mapBreach(field: Field, map: Readonly<Record<string, string>>): string | null {
  const entries = Object.entries(map);
  const { name, maxProperties = Number.POSITIVE_INFINITY } = field;
  if (entries.length > maxProperties)
    return `Expected ${name} to have at most ${maxProperties} entries, got ${entries.length}`;
  return lengthBreach(
    field,
    entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0),
  );
}

function lengthBreach(field: Field, length: number): string | null {
  const { name, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = field;
  if (length >= minLength && length <= maxLength) return null;
  return `Expected ${name} to have ${between(minLength, maxLength)} characters, got ${length}`;
}

function sizeBreach(field: Field, value: number): string | null {
  const { name, minimum, exclusiveMinimum, maximum, exclusiveMaximum } = field;
  const bounds: readonly (readonly [string, boolean])[] = [
    [`at least ${minimum}`, minimum === undefined || value >= minimum],
    [`above ${exclusiveMinimum}`, exclusiveMinimum === undefined || value > exclusiveMinimum],
    [`at most ${maximum}`, maximum === undefined || value <= maximum],
    [`below ${exclusiveMaximum}`, exclusiveMaximum === undefined || value < exclusiveMaximum],
  ];
  const broken = bounds.find(([, isKept]) => !isKept);
  return broken === undefined ? null : `Expected ${name} to be ${broken[0]}, got ${value}`;
}

/** The record that a field holds, as it is or where it may be null. */
function recordType(type: unknown): { readonly fields: readonly Field[] } | undefined {
  const branches = [type].flat() as readonly {
    readonly type?: unknown;
    readonly fields?: readonly Field[];
  }[];
  const found = branches.find((branch) => branch.type === 'record');
  return found as { readonly fields: readonly Field[] } | undefined;
}

function firstOf<Item>(items: readonly Item[], wrong: (item: Item) => string | null): string | null {
  for (const item of items) {
    const found = wrong(item);
    if (found !== null) return found;
  }
  return null;
}

const between = (least: number, most: number): string => {
  if (most === Number.POSITIVE_INFINITY) return `at least ${least}`;
  return least === 0 ? `at most ${most}` : `${least} to ${most}`;
};
