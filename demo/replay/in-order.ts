import type { Random } from './random.ts';

/** Items in another order: as they come, without holding them; else all of them are read first. */
export async function inOrder<Item>(
  items: AsyncIterable<Item>,
  order: 'given' | 'reversed' | 'shuffled',
  chance: Random,
): Promise<AsyncIterable<Item> | Iterable<Item>> {
  if (order === 'given') return items;
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  if (order === 'reversed') return all.reverse();
  // Fisher and Yates.
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor((i + 1) * chance.uniform());
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}
