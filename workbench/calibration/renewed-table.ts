import { FatalError } from '../../src/common/errors.ts';
import type { GateTable } from '../../src/gating/gate-table.ts';

/**
 * A gate's table in which what is said of some elements is new, and all else as it was: what nobody asked about does
 * not change by chance. The detectors on the embedding stay, and with them training-embeddings.bin.
 * @throws FatalError as `requireRenewable`
 */
export function renewedTable(former: GateTable, made: GateTable, elements: readonly string[]): GateTable {
  for (const table of [former, made]) requireRenewable(table, made.madeFor, elements);
  const groups = new Set(elements.flatMap((element) => groupsOf(made, element)));
  const pick = <T>(
    all: Readonly<Record<string, T>> | undefined,
    names: Iterable<string>,
  ): Record<string, T> =>
    Object.fromEntries([...names].flatMap((name) => (all && name in all ? [[name, all[name]!]] : [])));
  return {
    ...former,
    ...(made.madeBy && { madeBy: { ...made.madeBy, command: commandsOf(former, made) } }),
    calibrations: { ...former.calibrations, ...pick(made.calibrations, groups) },
    elements: { ...former.elements, ...pick(made.elements, elements) },
    // A whole group goes by it, so that all that do are renewed together.
    ...(elements.some((element) => made.elements[element]?.metalRanges !== undefined) && {
      metalDetector: made.metalDetector,
      offsetsEv: made.offsetsEv,
    }),
    ...(former.means && { means: { ...former.means, ...pick(made.means, groups) } }),
  };
}

/**
 * @param madeFor of the model whose table is to be renewed
 * @throws FatalError where the table is of another model, lacks an element, or has one that stays in the same group
 */
export function requireRenewable(
  table: GateTable,
  madeFor: GateTable['madeFor'],
  elements: readonly string[],
): void {
  const unlike = Object.keys({ ...table.madeFor, ...madeFor }).filter(
    (file) => table.madeFor[file] !== madeFor[file],
  );
  if (unlike.length > 0)
    throw new FatalError(
      `--elements: Expected a gate.json that was made for this model, got one for another ${unlike.join(', ')}: ` +
        'calibrate all elements',
    );
  const known = Object.keys(table.elements);
  const unknown = elements.filter((element) => !known.includes(element));
  if (unknown.length > 0)
    throw new FatalError(`--elements: Expected some of ${known.join(', ')}, got ${unknown.join(', ')}`);
  const groups = new Set(elements.flatMap((element) => groupsOf(table, element)));
  const sharing = known.filter(
    (element) => !elements.includes(element) && groupsOf(table, element).some((group) => groups.has(group)),
  );
  if (sharing.length > 0)
    throw new FatalError(
      `--elements: Expected also ${sharing.join(', ')}, which are calibrated together with ${elements.join(', ')}`,
    );
}

const groupsOf = ({ elements }: GateTable, element: string): string[] => {
  const { calibration, short } = elements[element]!;
  return short === undefined ? [calibration] : [calibration, short.calibration];
};

/** In the order in which they were run last; one that was run again is named once. */
const commandsOf = (former: GateTable, made: GateTable): string => {
  const commands = [former, made].flatMap(({ madeBy }) => madeBy?.command.split('; ') ?? []);
  return commands.filter((command, i) => commands.lastIndexOf(command) === i).join('; ');
};
