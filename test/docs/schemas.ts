import { readText } from './documents.ts';

export type Schema = {
  readonly type?: unknown;
  readonly name?: string;
  readonly fields?: readonly Schema[];
  readonly items?: Schema;
  readonly symbols?: readonly string[];
  readonly kinds?: Readonly<Record<string, { readonly needs: readonly string[] }>>;
  readonly codes?: Readonly<Record<string, string>>;
};

export const schemaOf = (name: string) => JSON.parse(readText(`schemas/${name}.v1.avsc`)) as Schema;

/** Names of all fields, those of records within a record included. */
export const fieldsOf = (name: string): string[] =>
  partsOf(schemaOf(name)).flatMap(({ fields = [] }) => fields.map((field) => field.name!));

/** A field of the record itself, with its attributes. */
export const fieldOf = (name: string, field: string): Schema =>
  schemaOf(name).fields!.find((each) => each.name === field)!;

export function symbolsOf(name: string, type: string): readonly string[] {
  return partsOf(schemaOf(name)).find((part) => part.name === type && part.symbols !== undefined)!.symbols!;
}

function partsOf(part: unknown): Schema[] {
  if (typeof part !== 'object' || part === null) return [];
  if (Array.isArray(part)) return part.flatMap(partsOf);
  const { type, fields, items } = part as Schema;
  return [part as Schema, ...partsOf(type), ...partsOf(items), ...partsOf(fields)];
}
