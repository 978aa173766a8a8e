import { isMeanName, MEAN_NAMES } from '../../../src/messages/prediction.ts';
import { markdownTable } from '../../report/markdown-table.ts';
import { type Accepted, type FieldRow, VALUE_NAMES } from './field-test.ts';

/** What may be asked of every value beside its own threshold; 0: nothing more. */
const LEAST_TRUSTS = [0, 0.9, 0.92, 0.94, 0.96, 0.98] as const;

const BESIDE_MEANS = VALUE_NAMES.filter((name) => !isMeanName(name));
const ACCEPTED_BESIDE = ['CN2', 'NNRS'] as const;

const share = (part: number, whole: number): string => (whole === 0 ? '' : (part / whole).toFixed(2));
const right = (good: number, accepted: number): string =>
  accepted === 0 ? '-' : `${(good / accepted).toFixed(3)} of ${accepted}`;

/** docs/tables/field-test.md. */
export function fieldTestPage(id: string, rows: readonly FieldRow[]): string {
  const real = rows.filter(({ condition }) => !condition.startsWith('nothing'));
  const nothing = rows.filter(({ condition }) => condition.startsWith('nothing'));
  return `# What befalls samples on the way, model ${id}

\`npm run workbench -- fit-measured-means\` reports the measured sets ([measured-means.md](measured-means.md));
\`npm run workbench -- field-test\` makes this page: five folds by material, the gate's table from the other four. Sites
are computed; "others" are Ti to Ni, with labels that were established. A class is right if the true mean of the sample
lies within 0.25 of it, NNRS if it lies within 0.05 angstrom. The interval is stated at 0.9. Correlated noise is also
told apart by whether the event notes it. What is asked here is the rule that makes a gate's table; of some elements the
shipped table may be of an earlier one (\`madeBy\` in its gate.json, [gating](../workbench/gating.md)).

## Values that were accepted
${markdownTable(
  ['condition', 'element', 'samples', ...MEAN_NAMES.flatMap((name) => [`${name} accepted`, 'right'])],
  real.map(({ condition, element, samples, values }) => [
    ...[condition, element, samples],
    ...MEAN_NAMES.flatMap((name) => accepted([values[name]])),
  ]),
)}
CN2 and NNRS, where any is accepted:

${markdownTable(
  ['condition', 'element', 'samples', ...ACCEPTED_BESIDE.flatMap((name) => [`${name} accepted`, 'right'])],
  real
    .filter(({ values }) => ACCEPTED_BESIDE.some((name) => values[name].accepted.length > 0))
    .map(({ condition, element, samples, values }) => [
      ...[condition, element, samples],
      ...ACCEPTED_BESIDE.flatMap((name) => accepted([values[name]])),
    ]),
)}
## If more trust is asked for
\`LEAST_TRUST\` of a processor, \`predict --least-trust\`, or an agent that compares \`trust\`: of the same answers
those that have at least that, beside their own threshold. Mixtures are those of all four rows together.

${markdownTable(
  [...['least trust', 'element', 'samples'], ...MEAN_NAMES.flatMap((name) => [`${name} accepted`, 'right'])],
  leastTrustRows(real),
)}
## Copper's oxidation state, where no charge balance establishes the label
The same answers, of samples of one site whose label its formula does not establish, by the rule in
[data.md](../workbench/data.md#labels-of-the-oxidation-state-that-no-charge-balance-establishes). They are in none
of the tables above: what is right of them nobody knows.

${markdownTable(
  ['condition', 'samples', 'OS accepted', 'agrees with the label'],
  real
    .filter(({ doubtfulOs: { known } }) => known > 0)
    .map(({ condition, doubtfulOs }) => [condition, doubtfulOs.known, ...accepted([doubtfulOs])]),
)}
## Means
${markdownTable(
  [
    'condition',
    'element',
    ...MEAN_NAMES.flatMap((name) => [`${name} in interval`, 'accepted', 'of these missed', 'mean error']),
  ],
  real.map(({ condition, element, means }) => [
    ...[condition, element],
    ...MEAN_NAMES.flatMap((name) => {
      const { known, held, accepted, missed, error } = means[name];
      return [share(held, known), share(accepted, known), share(missed, accepted), share(error, known)];
    }),
  ]),
)}
## Intervals of values
Of samples of one site: how many true values lie in the interval of the event, which is stated at 0.9, and its mean
width.

${intervalsTable(real, MEAN_NAMES)}
${intervalsTable(real, BESIDE_MEANS)}
## Nothing to find
${markdownTable(
  ['spectrum', 'element', 'samples', 'anything accepted'],
  nothing.map(({ condition, element, samples, anything }) => [
    ...[condition.replace('nothing: ', ''), element, samples, share(anything, samples)],
  ]),
)}`;
}

const KINDS = { clean: /^clean$/, mixture: /^mixture/ } as const;

const intervalsTable = (rows: readonly FieldRow[], names: readonly (typeof VALUE_NAMES)[number][]): string =>
  markdownTable(
    ['condition', 'element', ...names.flatMap((name) => [`${name} in interval`, 'width'])],
    rows
      .filter(({ condition }) => !KINDS.mixture.test(condition))
      .map(({ condition, element, values }) => [
        ...[condition, element],
        ...names.flatMap((name) => {
          const { known, held, width } = values[name];
          return [share(held, known), share(width, known)];
        }),
      ]),
  );

/** By element, and clean or mixed: what is accepted of each name, and right, with each least trust. */
function leastTrustRows(rows: readonly FieldRow[]): (string | number)[][] {
  const elements = [...new Set(rows.map(({ element }) => element))];
  return elements.flatMap((element) =>
    Object.entries(KINDS).flatMap(([kind, names]) => {
      const own = rows.filter((row) => row.element === element && names.test(row.condition));
      return LEAST_TRUSTS.map((least) => [
        ...[least === 0 ? 'none' : least, element, kind],
        ...MEAN_NAMES.flatMap((name) =>
          accepted(
            own.map(({ values }) => values[name]),
            least,
          ),
        ),
      ]);
    }),
  );
}

/** The share that is accepted of all these together, and what of it is right. */
function accepted(all: readonly Accepted[], least = 0): [string, string] {
  const known = all.reduce((sum, each) => sum + each.known, 0);
  const kept = all.flatMap((each) => each.accepted.filter(({ trust }) => trust >= least));
  return [share(kept.length, known), right(kept.filter((each) => each.right).length, kept.length)];
}
