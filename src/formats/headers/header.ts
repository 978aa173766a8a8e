/** What the header of a known program says of the numbers below it. */
export type KnownHeader = {
  /** Whose header it is, for the notes. */
  readonly of: string;
  /** Names of the columns, each without spaces, perhaps with a unit behind one: `energy keV`. */
  readonly columns: readonly string[];
  /** angstrom, where the columns have the monochromator's angle. */
  readonly dSpacing?: number;
  /** The first line that may hold numbers, from 0. */
  readonly from: number;
};
