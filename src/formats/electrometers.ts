import type { Column } from './column.ts';

/** A channel of one of ALBA's electrometers, `albaem02_ch1`. */
const CHANNEL = /^albaem-?(\d+)_ch([1-4])$/;

/**
 * Columns with the ionisation chambers of ALBA beside their halves: the halves before the sample are the first two
 * channels of the first electrometer, those behind it the last two of the last.
 * @returns the columns as they are where there are no such halves, or a channel named i0
 */
export function withChambers(columns: readonly Column[]): {
  readonly columns: readonly Column[];
  readonly notes: readonly string[];
} {
  const asTheyAre = { columns, notes: [] };
  const channels = columns.flatMap((column) => {
    const [, electrometer, channel] = CHANNEL.exec(column.name) ?? [];
    return electrometer === undefined ? [] : [{ column, electrometer, channel: Number(channel) }];
  });
  if (channels.length === 0 || columns.some(({ name }) => name === 'i0')) return asTheyAre;
  const electrometers = channels.map(({ electrometer }) => electrometer);
  const halves = (of: string | undefined, wanted: readonly number[]) =>
    channels
      .filter(({ electrometer, channel }) => electrometer === of && wanted.includes(channel))
      .map(({ column }) => column);
  const before = halves(electrometers[0], [1, 2]);
  const behind = halves(electrometers.at(-1), [3, 4]);
  if (before.length !== 2 || behind.length !== 2) return asTheyAre;
  const namesOf = ([first, second]: readonly Column[]) => `${first!.name} + ${second!.name}`;
  return {
    columns: [...columns, sumOf('i0', before), sumOf('itrans', behind)],
    notes: [`i0 is ${namesOf(before)}, itrans ${namesOf(behind)}`],
  };
}

const sumOf = (name: string, [first, second]: readonly Column[]): Column => ({
  name,
  unit: '',
  values: first!.values.map((value, i) => value + second!.values[i]!),
});
