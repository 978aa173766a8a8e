/** Text from the wire goes into logs and screens: bounded, and on one line. */
export const short = (text: string): string =>
  JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
