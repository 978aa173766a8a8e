import { markdownTable } from '../../workbench/report/markdown-table.ts';
import { mean } from '../../workbench/report/statistics.ts';
import type { Measured } from './certainty.ts';
import { NOISE } from './certainty.ts';
import { BEGINNING, type Charged, EFFICIENCY, errorOf, GOAL, PER_SCAN } from './charge.ts';

export type Row<Result> = {
  readonly plan: string;
  readonly noise?: number;
  readonly results: readonly Result[];
};

/** Makes the page docs/tables/closed-loop.md. */
export function pageOf(parts: {
  readonly model: string;
  readonly charges: readonly Row<Charged>[];
  readonly certain: readonly Row<Measured>[];
  readonly live: readonly Row<Measured>[];
}): string {
  const { model, charges, certain, live } = parts;
  const samples = certain[0]!.results.length;
  const [least, most] = [percent(EFFICIENCY.from), percent(EFFICIENCY.to)];
  return `# Scans and points with and without an agent, model ${model}

\`npm run closed-loop -- --out docs\` makes this page and its plot: the demo's cell, computed from spectra that the
model has not seen, measured by a beamline that does what it is asked. The agent is the client package's example
([decide.ts](../../clients/typescript/examples/decide.ts)). Seeds are fixed. Scans go through the processor's own chain
and the step of \`npm run accumulate\` within one process; the last table is over a real broker, with processor,
\`npm run accumulate\` and agent as processes. Noise is that of one point of the normalised scan.

## No more scans than certainty needs
${samples} samples at any charge, each with a noise of its own from ${NOISE.from} to ${NOISE.to}, which nobody knows
beforehand. Wanted is an accepted coordination number. A plan measures each sample equally often and judges the mean;
the agent asks for more scans, two at a time at the most, as long as the advice on their mean is to accumulate. "Ends
early": 30 eV behind the edge.

![Points spent for certainty](../images/closed-loop.svg)

${measuredTable(certain)}
## A charge that ends at a mean oxidation state
Cells are to be charged to ${GOAL}. Of each ${least} to ${most} of the current take lithium out, and it begins with
x = ${BEGINNING.from} to ${BEGINNING.to}; nobody knows which. A scan takes the time in which x falls by ${PER_SCAN} at
full efficiency. A plan charges for so many scans. The agent stops by the mean of its last three accepted readings,
between eleven standards of a former cell of known charge, measured once at the same noise; where scans end early, the
standards do so too. Error is the root of the mean square of how far from the goal cells are stopped.

${chargedTable(charges)}
No plan comes nearer to the goal than the best of these, since cells differ. At full length noise moves the readings of
single scans upwards, and from a noise of 0.02 on the agent stops so early that it is worse than a plan. Scans that end
early show less of that, for fewer points.
${live.length === 0 ? '' : liveOf(live)}`;
}

const liveOf = (live: readonly Row<Measured>[]): string => `
## Over a real broker
The first samples of the first table once more, with scans of full length.

${measuredTable(live)}`;

const measuredTable = (rows: readonly Row<Measured>[]): string =>
  markdownTable(
    ['', 'samples', 'accepted', 'right of these', 'scans a sample', 'points a sample'],
    rows.map(({ plan, results }) => {
      const accepted = results.filter(({ right }) => right !== null);
      return [
        ...[plan, results.length, accepted.length, accepted.filter(({ right }) => right).length],
        ...[
          mean(results.map(({ scans }) => scans)).toFixed(2),
          mean(results.map(({ points }) => points)).toFixed(0),
        ],
      ];
    }),
  );

const chargedTable = (rows: readonly Row<Charged>[]): string =>
  markdownTable(
    ['', 'noise', 'cells', 'error', 'mean distance from the goal', 'scans a cell', 'points a cell'],
    rows.map(({ plan, noise, results }) => [
      ...[plan, noise ?? '', results.length, errorOf(results).toFixed(3)],
      mean(results.map(({ beyond }) => beyond)).toFixed(3),
      ...[
        mean(results.map(({ scans }) => scans)).toFixed(1),
        mean(results.map(({ points }) => points)).toFixed(0),
      ],
    ]),
  );

const percent = (share: number): string => `${Math.round(100 * share)}%`;
