// npm run closed-loop: scans and points that a measurement takes with an agent, and by fixed plans.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startKafka } from '../demo/services/start-kafka.ts';
import { openBundle } from '../src/bundle/bundle.ts';
import { modelFolder } from '../src/cli/model-folder.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { makePrepare } from '../src/spectra/prepare.ts';
import type { OpenChain } from '../src/threads/open-chain.ts';
import { MEASURED } from '../workbench/data/data-folders.ts';
import { knownSeries, seriesOf } from '../workbench/measured/site-means/known-scans.ts';
import { wholeNumber } from '../workbench/number-flags.ts';
import { benchChain } from './bench-chain.ts';
import * as certainty from './closed-loop/certainty.ts';
import * as charge from './closed-loop/charge.ts';
import { measuredLive } from './closed-loop/live.ts';
import { chargedLive } from './closed-loop/live-charge.ts';
import { ADDED_NOISES, byAgent, byBestPlan, learnEnds, samplesAlong } from './closed-loop/measured-charge.ts';
import { type MeasuredSeries, measuredSeries } from './closed-loop/measured-series.ts';
import { type LiveRows, type MeasuredRows, NO_LIVE, pageOf, type Row } from './closed-loop/page.ts';
import { drawCertain, drawMeasured } from './closed-loop/plots.ts';

const HELP = `Scans and points that are spent with an agent and by fixed plans, on the demo's cell.

  npm run closed-loop -- [options]

  --samples N     of which a coordination number is wanted [200]
  --cells N       that are charged to a goal [40]
  --live N        samples that are measured over a real broker, too, and a third as many cells; 0: none [12]
  --series FILE   measured series with known mean oxidation states, JSON lines (default: operando/series.jsonl in
                  XANES_DATA, if there); without, the page has no part about them
  --measured N    samples that are taken of each of them [40]
  --model NAME|DIR  a folder under models/, or any other [spt]
  --out FOLDER    writes tables/closed-loop.md and images/closed-loop.svg there; else the page is printed alone
  --help`;

const PLANNED_REPEATS = [1, 2, 4, 6, 8, 12, 16];
const PLANNED_ALONG = [1, 2, 4, 8, 16];
const PLANNED_CHARGE = [40, 45, 50, 55, 60];
/** eV behind the edge, and where that is on the axis of the demo's scans. */
const SHORT = { endAt: 30, toEv: 7757 } as const;

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      samples: { type: 'string', default: '200' },
      cells: { type: 'string', default: '40' },
      live: { type: 'string', default: '12' },
      series: { type: 'string' },
      measured: { type: 'string', default: '40' },
      model: { type: 'string', default: 'spt' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const count = (name: 'samples' | 'cells' | 'live' | 'measured') =>
    wholeNumber(name, flags[name], name === 'live' ? 0 : 1);
  const [samples, cells, live] = [count('samples'), count('cells'), count('live')];
  const chain = await benchChain(flags.model);
  const wheel = certainty.cells(samples);
  const plans: Row<certainty.Measured>[] = [];
  for (const scans of PLANNED_REPEATS)
    plans.push({ plan: `plan: ${scans} each`, results: await certainty.byPlan(chain, wheel, scans) });
  const agents = [
    { plan: 'agent', results: await certainty.byAgent(chain, wheel) },
    { plan: 'agent, ends early', results: await certainty.byAgent(chain, wheel, SHORT.toEv) },
  ];
  const charges = await charged(chain, cells);
  const parts = {
    model: chain.identity.id,
    certain: [...plans, ...agents],
    charges,
    measured: await alongSeries(chain, seriesIn(flags.series, flags.model), count('measured')),
    live: live === 0 ? NO_LIVE : await liveRows(live, agents[0]!.results, charges),
  };
  await chain.close();
  const page = pageOf(parts);
  if (flags.out !== undefined) {
    mkdirSync(join(flags.out, 'tables'), { recursive: true });
    writeFileSync(join(flags.out, 'tables', 'closed-loop.md'), page);
    const images = join(flags.out, 'images');
    await drawCertain(join(images, 'closed-loop.svg'), plans, agents);
    if (parts.measured.certain.length > 0)
      await drawMeasured(join(images, 'closed-loop-measured.svg'), parts.measured.certain);
  }
  console.log(page);
});

async function charged(chain: OpenChain, cells: number): Promise<readonly Row<charge.Charged>[]> {
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

/** Measured series of the file; none where none is given and there is none. */
function seriesIn(file: string | undefined, model: string): readonly MeasuredSeries[] {
  if (file === undefined && !existsSync(seriesOf(MEASURED))) return [];
  const { manifest } = openBundle(modelFolder(model));
  return measuredSeries(knownSeries(file ?? seriesOf(MEASURED)), makePrepare(manifest));
}

async function alongSeries(
  chain: OpenChain,
  all: readonly MeasuredSeries[],
  samples: number,
): Promise<MeasuredRows> {
  const certain: Row<certainty.Measured>[] = [];
  const ended: Row<charge.Charged>[] = [];
  for (const series of all) {
    learnEnds(chain, series);
    const wheel = samplesAlong(series, samples);
    for (const scans of PLANNED_ALONG) {
      const plan = `${series.name}, plan: ${scans} each`;
      certain.push({ plan, results: await certainty.byPlan(chain, wheel, scans) });
    }
    certain.push({ plan: `${series.name}, agent`, results: await certainty.byAgent(chain, wheel) });
    const best = byBestPlan(series, samples, PLANNED_CHARGE);
    ended.push({ plan: `${series.name}, best plan`, results: best });
    for (const isShort of [false, true])
      for (const noise of ADDED_NOISES) {
        const plan = `${series.name}, agent${isShort ? ', ends early' : ''}`;
        ended.push({ plan, noise, results: await byAgent(chain, series, noise, samples, isShort) });
      }
  }
  return { certain, ended };
}

/** The first samples, and cells a third as many, over a real broker, each beside what it is within this process. */
async function liveRows(
  samples: number,
  certain: readonly certainty.Measured[],
  charges: readonly Row<charge.Charged>[],
): Promise<LiveRows> {
  const cells = Math.ceil(samples / 3);
  const noise = charge.NOISES[0];
  const alone = charges.find((row) => row.plan === 'agent' && row.noise === noise)!.results;
  const [plan, live] = ['within one process', 'over a real broker'];
  const kafka = await startKafka();
  try {
    const { brokers } = kafka;
    return {
      certain: [
        { plan, results: certain.slice(0, samples) },
        { plan: live, results: await measuredLive(brokers, 'samples', samples) },
      ],
      charges: [
        { plan, noise, results: alone.slice(0, cells) },
        { plan: live, noise, results: await chargedLive(brokers, 'charge', noise, cells) },
      ],
    };
  } finally {
    await kafka.close();
  }
}
