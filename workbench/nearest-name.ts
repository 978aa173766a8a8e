/**
 * The name that takes the fewest letters put in, left out or changed (Levenshtein distance) to become what was written.
 */
export function nearestName(written: string, names: readonly string[]): string {
  if (names.length === 0) throw new RangeError('Expected at least one name, got none');
  const distances = names.map((name) => distance(written, name));
  return names[distances.indexOf(Math.min(...distances))]!;
}

function distance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...one].entries()) {
    const row = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const changed = above[j]! + (letter === other[j] ? 0 : 1);
      row.push(Math.min(changed, above[j + 1]! + 1, row[j]! + 1));
    }
    above = row;
  }
  return above[other.length]!;
}
