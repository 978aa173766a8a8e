/** What the header of a known program says of the numbers below it. */
export type KnownHeader = {
  /** Whose header it is, for the notes. */
  readonly of: string;
  /** Names of the columns, each without spaces, perhaps with a unit behind one: `energy keV`. */
  readonly columns: readonly string[];
  /** angstrom, where the columns have the monochromator's angle. */
  readonly dSpacing?: number;
  /** Energy of the edge that was measured, eV. */
  readonly e0Ev?: number;
  /** The first line that may hold numbers, from 0. */
  readonly from: number;
  /** Where the program writes its points otherwise: the lines from there on as a line a point. */
  readonly points?: (lines: readonly string[]) => readonly string[];
  /** What was taken for granted, a sentence. */
  readonly note?: string;
};
