/** A line of FORTRAN's, in which a minus may take the place of the space before a number: `3.39370E+04-1.00000E+00`. */
export const parted = (line: string): string => line.replaceAll(/([eEdD][+-]\d+)-/g, '$1 -');
