import { FatalError } from '../../src/common/errors.ts';
import type { GateTable } from '../../src/gating/gate-table.ts';

/**
 * A gate's table in which what is said of some elements is new, and all else as it was: what nobody asked about does
 * not change by chance. The detectors stay, and with them training-embeddings.bin.
 * @throws FatalError where the tables are for different models, or an element shares a group with one that stays
 */
export function renewedTable(former: GateTable, made: GateTable, elements: readonly string[]): GateTable {
  const unlike = Object.keys({ ...former.madeFor, ...made.madeFor }).filter(
    (file) => former.madeFor[file] !== made.madeFor[file],
  );
  if (unlike.length > 0)
    throw new FatalError(
      `--elements: Expected a gate.json that was made for this model, got one for another ${unlike.join(', ')}: ` +
        'calibrate all elements',
    );
  const unknown = elements.filter((element) => !(element in former.elements) || !(element in made.elements));
  if (unknown.length > 0)
    throw new FatalError(
      `--elements: Expected some of ${Object.keys(made.elements).join(', ')}, got ${unknown.join(', ')}`,
    );
  const groups = new Set(elements.flatMap((element) => groupsOf(made, element)));
  const sharing = Object.keys(made.elements).filter(
    (element) => !elements.includes(element) && groupsOf(made, element).some((group) => groups.has(group)),
  );
  if (sharing.length > 0)
    throw new FatalError(
      `--elements: Expected also ${sharing.join(', ')}, which are calibrated together with ${elements.join(', ')}`,
    );
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
    ...(former.means && { means: { ...former.means, ...pick(made.means, groups) } }),
  };
}

const groupsOf = ({ elements }: GateTable, element: string): string[] => {
  const { calibration, short } = elements[element]!;
  return short === undefined ? [calibration] : [calibration, short.calibration];
};

const commandsOf = (former: GateTable, made: GateTable): string =>
  [former, made].flatMap(({ madeBy }) => madeBy?.command ?? []).join('; ');
