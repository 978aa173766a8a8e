/** `#rrggbb`, or `#rgb`, to which builds shorten it, as three numbers. */
export function rgb(hex: string): number[] {
  const digits = hex.length === 4 ? hex.replace(/[\da-f]/gi, '$&$&') : hex;
  return [1, 3, 5].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
}
