import { readFileSync } from 'node:fs';
import { FatalError } from '../../src/common/errors.ts';
import { sha256 } from '../../src/common/sha256.ts';
import type { TrainingRecord } from '../../src/model/training-record.ts';
import { readSites, type Site } from '../data/dataset.ts';
import { listFlag } from '../list-flag.ts';

export type SitesToScore = {
  readonly sites: readonly Site[];
  /** So many are left out: their labels were decoded instead of established. */
  readonly decoded: number;
  /** Of so many the label of OS is not scored: no charge balance establishes it. */
  readonly doubtful: number;
  /** What a reader of the figures should know, in sentences. */
  readonly notes: readonly string[];
};

/**
 * @param families only of these, by commas; `val` or `test`: those that training kept for it; undefined for all
 * @param allLabels scores OS that no charge balance establishes, too
 * @throws FatalError where there is no such site, or a family is empty or named twice
 */
export function sitesToScore(
  file: string,
  families: string | undefined,
  { id, training }: { readonly id: string; readonly training: TrainingRecord },
  allLabels = false,
): SitesToScore {
  const all = readSites(file);
  const kept = familiesOf(families, training);
  const wanted = all.filter(({ group }) => kept === null || kept.includes(group));
  if (wanted.length === 0) {
    const of = kept === null ? '' : ` of families ${kept.join(', ')}`;
    throw new FatalError(`Expected sites in ${file}${of}, got none of ${all.length}`);
  }
  const own = wanted.filter((site) => !site.decoded);
  const decoded = wanted.length - own.length;
  const sites = allLabels ? own.map(withDoubtfulOs) : own;
  const doubtful = allLabels ? 0 : own.filter(({ doubtfulOs }) => doubtfulOs !== undefined).length;
  return {
    ...{ sites, decoded, doubtful },
    notes: [
      ...(learnedFrom(file, training)
        ? [`${id} has learned from this file, in whole or in part: figures on it flatter`]
        : []),
      ...(doubtful > 0 ? [doubtfulNote(doubtful, wanted.length)] : []),
      ...(decoded > 0 ? [`${decoded} of ${wanted.length} sites have decoded labels: never scored`] : []),
    ],
  };
}

const doubtfulNote = (doubtful: number, sites: number): string =>
  `${doubtful} of ${sites} sites have an oxidation state that their formula does not establish: scored only with ` +
  '--all-labels';

function withDoubtfulOs(site: Site): Site {
  const { labels, doubtfulOs } = site;
  return doubtfulOs === undefined ? site : { ...site, labels: { ...labels, OS: doubtfulOs.label } };
}

/** Whether the very file was among the training data, and not as a test part that was kept back. */
function learnedFrom(file: string, { files = [], allOf = [] }: TrainingRecord): boolean {
  const hash = sha256(readFileSync(file));
  const same = files.find((each) => each.sha256 === hash);
  if (same === undefined) return false;
  const [set, name] = same.file.split('/') as [string, string];
  return !name.startsWith('test') || allOf.includes(set);
}

/** The families that were asked for, or null for every site. */
function familiesOf(flag: string | undefined, { families }: TrainingRecord): readonly string[] | null {
  if (flag === undefined) return null;
  if (flag !== 'val' && flag !== 'test') return listFlag('families', flag);
  if (families !== undefined) return families[flag];
  throw new FatalError(
    `Expected the manifest to name the families kept for ${flag}: give --families their names`,
  );
}
