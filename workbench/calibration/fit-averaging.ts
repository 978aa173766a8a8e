import { KEY_DESCRIPTORS } from '../../src/gating/advise.ts';
import type { Calibration, GateTable } from '../../src/gating/gate-table.ts';
import { makeJudgeDescriptors } from '../../src/gating/judge-descriptors.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import { rounded } from './fit-out-of-distribution.ts';
import type { HeldOutCase } from './judge-elements.ts';
import { placeInTable } from './place-in-table.ts';

/** A class that was flagged for want of confidence. */
export type Flagged = {
  /** Trust over the threshold, which elements of a group have of their own. */
  readonly share: number;
  /** Whether it is accepted of the same site without noise. */
  readonly helped: boolean;
};

/** Of fewer flagged values in a noise bin nothing is learned: averaging is advised. */
const LEAST_FLAGGED = 20;

/**
 * Adds to the gate's table from which share of its threshold on the trust in a class that is flagged for want of
 * confidence makes it worth repeats: above, more of the held-out spectra were accepted without noise than were not.
 * Averaging leaves some noise, so that this is the best that repeats can do.
 * @param cases spectra of single sites without noise and with it, which the model had not seen, whole and cut short
 */
export function fitAveraging(table: GateTable, cases: readonly HeldOutCase[]): GateTable {
  const judge = makeJudgeDescriptors(table);
  const judged = cases.flatMap((each) => {
    const place = placeInTable(table, each);
    if (place === null) return [];
    const { site, prepared, prediction, clean } = each;
    const { element, bin } = place;
    const values = judge(prepared, prediction, place);
    return [{ id: site.id, clean, bin, group: element.calibration, values }];
  });
  const accepted = new Set(
    judged
      .filter(({ clean }) => clean)
      .flatMap(({ id, group, values }) =>
        values.filter(({ verdict }) => verdict === 'ACCEPT').map(({ name }) => `${group} ${name} ${id}`),
      ),
  );
  const flaggedOf = (group: string, name: DescriptorName, bin: number): Flagged[] =>
    judged
      .filter((each) => !each.clean && each.group === group && each.bin === bin)
      .flatMap(({ id, values }) =>
        values
          .filter((value) => value.name === name && value.reason === 'low-confidence')
          .flatMap(({ trust, trustThreshold }) =>
            trust === null || trustThreshold === null
              ? []
              : [{ share: trust / trustThreshold, helped: accepted.has(`${group} ${name} ${id}`) }],
          ),
      );
  const calibrations = Object.entries(table.calibrations).map(([group, known]) => {
    const own = KEY_DESCRIPTORS.flatMap((name): [DescriptorName, Calibration][] => {
      const calibration = known[name];
      if (calibration?.kind !== 'class') return [];
      const averagingFrom = table.noiseEdges.map((_, bin) => averagedFrom(flaggedOf(group, name, bin)));
      return [[name, { ...calibration, averagingFrom }]];
    });
    return [group, { ...known, ...Object.fromEntries(own) }] as const;
  });
  return { ...table, calibrations: Object.fromEntries(calibrations) };
}

/** The share that tells best those that less noise helped from those that it did not; null: above all of them. */
export function averagedFrom(flagged: readonly Flagged[]): number | null {
  if (flagged.length < LEAST_FLAGGED) return 0;
  const ordered = [...flagged].sort((a, b) => b.share - a.share);
  let balance = 0;
  let best = 0;
  let from: number | null = null;
  for (const [i, { share, helped }] of ordered.entries()) {
    balance += helped ? 1 : -1;
    if (balance <= best || ordered[i + 1]?.share === share) continue;
    best = balance;
    from = share;
  }
  return from === null ? null : rounded(from);
}
