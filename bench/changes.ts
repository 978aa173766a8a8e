// node --import tsx bench/changes.ts: false alarms of npm run changes, and how soon it finds changes.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FoundChange, watchSample } from '../src/change-points/watch-sample.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { QUANTITIES } from '../src/messages/change-point.ts';
import type { SampleWatch } from '../src/messages/sample-watch.ts';
import { readConfig } from '../src/runtime/config.ts';
import type { OpenChain } from '../src/threads/open-chain.ts';
import { wholeNumber } from '../workbench/number-flags.ts';
import { markdownTable } from '../workbench/report/markdown-table.ts';
import { median } from '../workbench/report/statistics.ts';
import { benchChain } from './bench-chain.ts';
import { type CellPlan, cellScans } from './cell-scans.ts';
import { judgeStream } from './judge-stream.ts';

const HELP = `False alarms an hour on cells that stay as they are, and delay to detection of steps and drifts, by noise.
Scans of the demo's cell, computed and seeded, through the processor's own chain, without a broker.

  node --import tsx bench/changes.ts [options]

  --scans N       of each cell that stays as it is [2000]
  --trials N      of each step and drift [12]
  --model NAME|DIR  a folder under models/, or any other [spt]
  --out FOLDER    writes tables/changes.md there; else it is printed alone
  --help`;

const NOISES = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
const LITHIUMS = [0.9, 0.6, 0.3];
const SECONDS_PER_SCAN = 10;
const SCANS_PER_HOUR = 3600 / SECONDS_PER_SCAN;
/** A change begins at this scan, and is looked for in so many. */
const CHANGE_AT = 30;
const LOOKED_FOR = 90;

/** What a cell does from CHANGE_AT on: by how much its mean oxidation state rises, within so many scans. */
const COURSES = [
  { rise: 0.05, within: 1 },
  { rise: 0.1, within: 1 },
  { rise: 0.3, within: 1 },
  { rise: 0.3, within: 30 },
  { rise: 0.3, within: 90 },
] as const;
const FROM_LITHIUM = 0.8;

type Alarm = FoundChange & { readonly sequence: number };

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      scans: { type: 'string', default: '2000' },
      trials: { type: 'string', default: '12' },
      model: { type: 'string', default: 'spt' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const [scans, trials] = [wholeNumber('scans', flags.scans), wholeNumber('trials', flags.trials)];
  const chain = await benchChain(flags.model);
  const page = `${headOf(chain.identity.id)}
## Nothing changes
${await falseAlarms(chain, scans)}
## A step or a drift
${await delays(chain, trials)}`;
  await chain.close();
  if (flags.out !== undefined) {
    mkdirSync(join(flags.out, 'tables'), { recursive: true });
    writeFileSync(join(flags.out, 'tables', 'changes.md'), page);
  }
  console.log(page);
});

function headOf(model: string): string {
  return `# False alarms and delays of npm run changes, model ${model}

\`node --import tsx bench/changes.ts --out docs\` makes this page: scans of Li<sub>x</sub>CoO<sub>2</sub> as the demo's
beamline would measure them, a scan in ${SECONDS_PER_SCAN} s, computed from spectra that the model has not
seen, through the processor's own chain and the detector. Seeds are fixed, settings are the defaults. Noise is that of
one point of the normalised scan; OS is the mean oxidation state.
`;
}

/** What is found of a cell, by the number of the scan with which it is. */
async function alarmsOf(chain: OpenChain, plan: Partial<CellPlan>, scans: number): Promise<readonly Alarm[]> {
  const { CHANGE_LEAST_STATE, CHANGE_LEAST_SPECTRUM } = readConfig({});
  const least = { MEAN_OXIDATION_STATE: CHANGE_LEAST_STATE, SPECTRUM: CHANGE_LEAST_SPECTRUM };
  const names = { seed: 1, runId: 'run', sampleId: 'cell', secondsPerScan: SECONDS_PER_SCAN };
  const course = { lithiumAt: () => FROM_LITHIUM, noiseAt: () => 0 };
  let watch: SampleWatch | null = null;
  const alarms: Alarm[] = [];
  for await (const event of judgeStream(chain, cellScans({ ...names, ...course, ...plan }), scans)) {
    const next: ReturnType<typeof watchSample> = watchSample(watch, event, least);
    watch = next.watch;
    for (const found of next.found) alarms.push({ ...found, sequence: event.sequence });
  }
  return alarms;
}

async function falseAlarms(chain: OpenChain, scans: number): Promise<string> {
  const rows: (string | number)[][] = [];
  for (const noise of NOISES) {
    const alarms: Alarm[] = [];
    for (const [seed, lithium] of LITHIUMS.entries())
      alarms.push(
        ...(await alarmsOf(chain, { seed, lithiumAt: () => lithium, noiseAt: () => noise }, scans)),
      );
    const hours = (LITHIUMS.length * scans) / SCANS_PER_HOUR;
    const cells = QUANTITIES.flatMap((quantity) => {
      const count = alarms.filter((alarm) => alarm.quantity === quantity).length;
      return [count, (count / hours).toFixed(3), (upperBound(count) / hours).toFixed(3)];
    });
    rows.push([noise, LITHIUMS.length * scans, hours.toFixed(1), ...cells]);
  }
  return `Cells at x = ${LITHIUMS.join(', ')}. The bound holds with 95% confidence.

${markdownTable(
  [
    'noise',
    'scans',
    'hours',
    ...['OS', 'spectrum'].flatMap((what) => [`${what}: false alarms`, 'an hour', 'at most']),
  ],
  rows,
)}`;
}

/** The mean of a Poisson distribution that gives so few counts, or fewer, in 5% of all cases. */
function upperBound(count: number): number {
  let [low, high] = [0, 10 + 3 * count];
  for (let i = 0; i < 50; i += 1) {
    const mean = (low + high) / 2;
    let [term, sum] = [Math.exp(-mean), 0];
    for (let k = 0; k <= count; k += 1) {
      sum += term;
      term *= mean / (k + 1);
    }
    if (sum > 0.05) low = mean;
    else high = mean;
  }
  return high;
}

async function delays(chain: OpenChain, trials: number): Promise<string> {
  const rows: (string | number)[][] = [];
  for (const { rise, within } of COURSES) {
    const lithiumAt = (i: number): number =>
      FROM_LITHIUM - rise * Math.min(1, Math.max(0, (i - CHANGE_AT + 1) / within));
    for (const noise of NOISES) {
      const runs: (readonly Alarm[])[] = [];
      for (let seed = 0; seed < trials; seed += 1)
        runs.push(
          await alarmsOf(
            chain,
            { seed: 100 + seed, lithiumAt, noiseAt: () => noise },
            CHANGE_AT + LOOKED_FOR,
          ),
        );
      const cells = QUANTITIES.flatMap((quantity) => {
        const firsts = runs.flatMap((alarms) => {
          const first = alarms.find((each) => each.quantity === quantity && each.sequence >= CHANGE_AT);
          return first === undefined ? [] : [first];
        });
        const delay =
          firsts.length === 0 ? '' : median(firsts.map(({ sequence }) => sequence - CHANGE_AT + 1));
        return [`${firsts.length} of ${trials}`, delay, kindsOf(firsts)];
      });
      rows.push([within === 1 ? `step of ${rise}` : `${rise} in ${within} scans`, noise, ...cells]);
    }
  }
  return `The mean oxidation state rises from ${4 - FROM_LITHIUM}. In how many trials that is found within
${LOOKED_FOR} scans; the median delay in scans of these, counting the first that differs; what the first alarm called
it. The model does not read a change as large as it is: a step of 0.05 is read as less, and is then too small to be
told.

${markdownTable(
  ['change', 'noise', ...['OS', 'spectrum'].flatMap((what) => [`${what}: found`, 'delay', 'as'])],
  rows,
)}`;
}

/** How often each kind was said. */
function kindsOf(alarms: readonly Alarm[]): string {
  const kinds = new Map<string, number>();
  for (const { finding } of alarms) kinds.set(finding.kind, (kinds.get(finding.kind) ?? 0) + 1);
  return [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
}
