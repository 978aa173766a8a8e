/** What a line says of a column; the unit is '' where it says none. */
export type ColumnName = { readonly name: string; readonly unit: string };

/** A unit behind a name: `(eV)`, `[keV]`. Of bounded length, here and below: a line of brackets is gone over once. */
const UNIT = /[([]([^)\]]{0,100})[)\]]$/;
/** What separates names that may have blanks in them. */
const SEPARATORS = [/\t/, /[,;]/, /\s{2,}/] as const;

/**
 * The names of `width` columns in a line of words above the numbers: `Energy (eV),I0,Ring current`. A name may have
 * blanks where tabs, commas, semicolons or several blanks make as many fields as there are columns; else each word is a
 * name, units in brackets left aside.
 * @returns a sentence where there are more names than columns, and which belongs to which cannot be told
 */
export function columnNames(legend: string, width: number): readonly ColumnName[] | string {
  const text = legend.replaceAll('"', ' ').trim();
  for (const separator of SEPARATORS) {
    const fields = text.replace(/[,;]$/, '').split(separator);
    if (fields.length === width && width > 1) return fields.map(nameOf);
  }
  const words = text
    .replace(/\s[([][^)\]]{0,100}[)\]]/g, ' ') // in front of a blank: `xmu(trans)` is a name
    .split(/[\s,;]+/)
    .filter((word) => word !== '');
  // SPEC's sign for a line of names, where something made a comment of it.
  const named = words.length === width + 1 && /^[ln]$/i.test(words[0]!) ? words.slice(1) : words;
  if (named.length > width && named.some((word) => /^(energy|e)$/i.test(word)))
    return `Expected ${width} names for ${width} columns, got ${named.length} (${named.join(', ')}): say by number which is which, such as --energy 1 --i0 2 --it 3`;
  return named.slice(0, width).map(nameOf);
}

function nameOf(field: string): ColumnName {
  const text = field.trim().toLowerCase();
  const unit = UNIT.exec(text)?.[1] ?? '';
  // `xmu(trans)` is a name of its own.
  const hasUnit = /\s[([]/.test(text) || /^[a-z]*ev$/.test(unit);
  return hasUnit ? { name: text.replace(UNIT, '').trim(), unit } : { name: text, unit: '' };
}
