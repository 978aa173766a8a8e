// npm run closed-loop: scans and points that a measurement takes with an agent, and by fixed plans.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startKafka } from '../demo/services/start-kafka.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { wholeNumber } from '../workbench/number-flags.ts';
import { lineChart } from '../workbench/report/plots/line-chart.ts';
import { mean } from '../workbench/report/statistics.ts';
import { benchChain } from './bench-chain.ts';
import * as certainty from './closed-loop/certainty.ts';
import * as charge from './closed-loop/charge.ts';
import { measuredLive } from './closed-loop/live.ts';
import { pageOf, type Row } from './closed-loop/page.ts';

const HELP = `Scans and points that are spent with an agent and by fixed plans, on the demo's cell.

  npm run closed-loop -- [options]

  --samples N     of which a coordination number is wanted [200]
  --cells N       that are charged to a goal [40]
  --live N        samples that are measured over a real broker, too; 0: none [12]
  --model NAME|DIR  a folder under models/, or any other [spt]
  --out FOLDER    writes tables/closed-loop.md and images/closed-loop.svg there; else the page is printed alone
  --help`;

const PLANNED_REPEATS = [1, 2, 4, 6, 8, 12, 16];
const PLANNED_CHARGE = [40, 45, 50, 55, 60];
/** eV behind the edge, and where that is on the axis of the demo's scans. */
const SHORT = { endAt: 30, toEv: 7757 } as const;

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      samples: { type: 'string', default: '200' },
      cells: { type: 'string', default: '40' },
      live: { type: 'string', default: '12' },
      model: { type: 'string', default: 'spt' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const count = (name: 'samples' | 'cells' | 'live') =>
    wholeNumber(name, flags[name], name === 'live' ? 0 : 1);
  const [samples, cells, live] = [count('samples'), count('cells'), count('live')];
  const chain = await benchChain(flags.model);
  const { byPlan, byAgent } = certainty;
  const plans: Row<certainty.Measured>[] = [];
  for (const scans of PLANNED_REPEATS)
    plans.push({ plan: `plan: ${scans} each`, results: await byPlan(chain, samples, scans) });
  const agents = [
    { plan: 'agent', results: await byAgent(chain, samples) },
    { plan: 'agent, ends early', results: await byAgent(chain, samples, SHORT.toEv) },
  ];
  const beside = { plan: 'within one process', results: agents[0]!.results.slice(0, live) };
  const parts = {
    model: chain.identity.id,
    certain: [...plans, ...agents],
    charges: await charged(chain, cells),
    live: live === 0 ? [] : [beside, { plan: 'over a real broker', results: await overBroker(live) }],
  };
  await chain.close();
  const page = pageOf(parts);
  if (flags.out !== undefined) {
    mkdirSync(join(flags.out, 'tables'), { recursive: true });
    writeFileSync(join(flags.out, 'tables', 'closed-loop.md'), page);
    await draw(join(flags.out, 'images', 'closed-loop.svg'), plans, agents);
  }
  console.log(page);
});

async function charged(
  chain: Parameters<typeof charge.byAgent>[0],
  cells: number,
): Promise<readonly Row<charge.Charged>[]> {
  const rows: Row<charge.Charged>[] = PLANNED_CHARGE.map((scans) => ({
    plan: `plan: ${scans} scans`,
    results: charge.byPlan(cells, scans),
  }));
  for (const { plan, endAt, toEv } of [
    { plan: 'agent', endAt: null, toEv: Number.POSITIVE_INFINITY },
    { plan: 'agent, ends early', ...SHORT },
  ])
    for (const noise of charge.NOISES) {
      charge.learnStandards(chain, noise, toEv);
      rows.push({ plan, noise, results: await charge.byAgent(chain, noise, cells, endAt) });
    }
  return rows;
}

async function overBroker(samples: number): Promise<readonly certainty.Measured[]> {
  const kafka = await startKafka();
  try {
    return await measuredLive(kafka.brokers, 'closed-loop', samples);
  } finally {
    await kafka.close();
  }
}

/** Share of the samples whose value is accepted, by the points that were spent on a sample. */
async function draw(
  file: string,
  plans: readonly Row<certainty.Measured>[],
  agents: readonly Row<certainty.Measured>[],
): Promise<void> {
  const pointOf = ({ results }: Row<certainty.Measured>): readonly [number, number] => [
    mean(results.map(({ points }) => points)),
    mean(results.map(({ right }) => (right === null ? 0 : 100))),
  ];
  await lineChart({
    title: 'What certainty costs',
    x: 'points a sample',
    y: 'samples with an accepted coordination number, %',
    series: [
      { name: 'fixed plans: 1 to 16 scans each', points: plans.map(pointOf) },
      ...agents.map((row) => ({ name: row.plan, points: [pointOf(row)] })),
    ],
    file,
    logarithmic: 'x',
    marks: true,
  });
}
