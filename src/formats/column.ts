/** A column of a file, or a dataset that is one. Names are in small letters; a unit that nobody said is empty. */
export type Column = { readonly name: string; readonly unit: string; readonly values: Float64Array };
