import type { GateTable } from '../../src/gating/gate-table.ts';
import type { Site } from '../data/dataset.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { shortName } from './make-gate-table.ts';

/**
 * What each accuracy target rests on, and from which confidence on values are accepted: a row an element and
 * descriptor.
 */
export function targetTable(
  { elements, noiseEdges }: GateTable,
  training: readonly { readonly site: Pick<Site, 'element'> }[],
): string {
  const judged = Object.entries(elements).flatMap(([element, { short, ...whole }]) => [
    { element, title: element, descriptors: whole.descriptors },
    ...(short === undefined ? [] : [{ element, title: shortName(element), descriptors: short.descriptors }]),
  ]);
  const rows = judged.flatMap(({ element, title, descriptors }) => {
    const known = training.filter(({ site }) => site.element === element).length;
    return Object.entries(descriptors).map(([name, target]) => {
      const { thresholds, correlatedThreshold, evidence, meetsTarget } = target;
      return [
        ...[
          title,
          known,
          name,
          evidence.sites,
          evidence.accepted,
          evidence.right,
          meetsTarget ? 'yes' : 'no',
        ],
        ...thresholds.map(asked),
        correlatedThreshold === undefined ? '' : asked(correlatedThreshold),
      ];
    });
  });
  const head = ['element', 'training', 'descriptor', 'held out', 'accepted', 'right', 'target'];
  return markdownTable([...head, ...noiseEdges.map((end) => `< ${end}`), 'correlated noise'], rows);
}

/** Least trust; of null, at which nothing is accepted, a dash. */
const asked = (threshold: number | null): string => (threshold === null ? '-' : threshold.toFixed(2));

/** Which of the copies of spectra that are to be refused pass, in lines. */
export function passedLines<Copy extends { readonly site: Pick<Site, 'id' | 'kind'> }>(
  title: string,
  copies: readonly Copy[],
  passes: (copy: Copy) => boolean,
): string[] {
  const bySite = new Map<string, Copy[]>();
  for (const copy of copies) bySite.set(copy.site.id, [...(bySite.get(copy.site.id) ?? []), copy]);
  const lines = [...bySite].flatMap(([id, own]) => {
    const passed = own.filter(passes).length;
    return passed === 0 ? [] : [`  ${id} (${own[0]!.site.kind}): ${passed} of ${own.length}`];
  });
  return [`${title}: ${copies.filter(passes).length} of ${copies.length} copies pass`, ...lines];
}
