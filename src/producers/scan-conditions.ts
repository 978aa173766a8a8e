const MOST = 6;
const LONGEST_NAME = 40;
/** What people look for first, when a beamline records more than is kept. */
const SOUGHT = /potential|voltage|current|temperature|pressure/i;
const NUMBER_AND_UNIT = /^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*([^\d\s.][^\s]{0,9})?\s*$/i;

/**
 * The numbers among a scan's metadata, such as potential and temperature, for timelines: `{"potential, V": 3.95}`.
 * Names with a dot are for programs, such as energy.scale. At most 6.
 */
export function scanConditions(metadata: Readonly<Record<string, string>>): Readonly<Record<string, number>> {
  const found: [string, number][] = [];
  for (const [name, text] of Object.entries(metadata)) {
    if (name.includes('.') || name.length > LONGEST_NAME || name === '__proto__') continue;
    const [, number, unit] = NUMBER_AND_UNIT.exec(text.slice(0, 40)) ?? [];
    const value = Number(number);
    if (number === undefined || !Number.isFinite(value)) continue;
    found.push([unit === undefined ? name : `${name}, ${unit}`, Number(value.toPrecision(6))]);
  }
  const rank = ([name]: [string, number]) => (SOUGHT.test(name) ? 0 : 1);
  found.sort((a, b) => rank(a) - rank(b) || (a[0] < b[0] ? -1 : 1));
  return Object.fromEntries(found.slice(0, MOST));
}
