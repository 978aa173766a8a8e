type Cell = string | number;

/**
 * A table in Markdown, a line break after every row.
 * @throws RangeError where a row has more or fewer cells than the head
 */
export function markdownTable(head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const odd = rows.find((row) => row.length !== head.length);
  if (odd !== undefined)
    throw new RangeError(
      `Expected rows of ${head.length} cells as in the head, got ${odd.length}: ${odd.join(', ')}`,
    );
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
