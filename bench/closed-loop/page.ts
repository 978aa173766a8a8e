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

/** Of measured series; both are empty where there are none. */
export type MeasuredRows = {
  readonly certain: readonly Row<Measured>[];
  readonly ended: readonly Row<Charged>[];
};

/** Over a real broker, beside the same within one process. */
export type LiveRows = {
  readonly certain: readonly Row<Measured>[];
  readonly charges: readonly Row<Charged>[];
};
export const NO_LIVE: LiveRows = { certain: [], charges: [] };

/** Makes the page docs/tables/closed-loop.md. */
export function pageOf(parts: {
  readonly model: string;
  readonly charges: readonly Row<Charged>[];
  readonly certain: readonly Row<Measured>[];
  readonly measured: MeasuredRows;
  readonly live: LiveRows;
}): string {
  const { model, charges, certain, measured, live } = parts;
  const samples = certain[0]!.results.length;
  const [least, most] = [percent(EFFICIENCY.from), percent(EFFICIENCY.to)];
  return `# Scans and points with and without an agent, model ${model}

\`npm run closed-loop -- --out docs\` makes this page and its plot: the demo's cell, computed from spectra that the
model has not seen, measured by a beamline that does what it is asked. The agent is the client package's example
([decide.ts](../../clients/typescript/examples/decide.ts)). Seeds are fixed. Scans go through the processor's own chain
and the step of \`npm run accumulate\` within one process; the last tables are over a real broker, with processor,
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
${measured.ended.length === 0 ? '' : alongOf(measured)}${live.certain.length === 0 ? '' : liveOf(live)}`;
}

const alongOf = ({ certain, ended }: MeasuredRows): string => `
## On measured series
Series of measured scans whose mean oxidation states are known (\`--series\`; the data are not in this repository), of
which the processor can read four states or more that span 0.4: scans of a sample between two states are mixtures of two
measured scans, each over its edge step, with noise added. One scan of each end of a series is a standard; nothing else
is known of it.

An accepted mean oxidation state is wanted of samples anywhere in the series, as in the first table; right is one whose
interval holds the true state.

![Points spent for certainty on measured series](../images/closed-loop-measured.svg)

${measuredTable(certain)}
**Here the agent hardly pays.** It reaches what a plan of as many scans reaches, or a little more (fe-basalt-fo2,
mn-oxide-mixture). It asks for more scans while the advice is to accumulate, and the advice is of the classes: where
none of these can be accepted, it is to inspect, and the agent stops asking, although the mean would be accepted with
less noise. Nearly all that is accepted is right; the width of the intervals between standards was found on these
series ([table](measured-means.md#between-two-standards), each left out there).

Samples are led from the low end to the middle, as the cells above are charged, by a rate of 60% to 100% of what the
plan reckons with; noise is what is added. Only the best of the plans is shown.

${chargedTable(ended)}
**Nor does it pay everywhere that a state is to be reached.** Between two standards at the ends of a series the readings
are off by 0.04 to 0.25, always to one side, while the best plan is off by 8% of the way. The agent comes nearer than
the plan on fe-pyna-glass, with a tenth fewer scans, and on fe-hxn-library where scans end early; on fe-basalt-fo2 it
does not. On v-glass-fo2 and mn-oxide-mixture the interval is hardly ever narrow enough to act on, and the agent does
not stop: it takes standards of states in between, as the demo's cell has eleven of, or a goal that allows a wider
interval.
`;

const liveOf = ({ certain, charges }: LiveRows): string => `
## Over a real broker
The first samples of the first table once more, and the first cells of the second, with scans of full length.

${measuredTable(certain)}
${chargedTable(charges)}`;

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
