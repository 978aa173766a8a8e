import { existsSync, readFileSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runJest } from './run-tests.mjs';
import { at } from './steps.mjs';

const HELP = `npm run test:faults -- [--long] [--rounds N] [--fuzz N]

Every fault that the system is to bear, on a real broker, with a control for each that shows that its test can fail,
and one table of what was seen at the end (test-results/faults.jsonl).

  --long      also: three brokers of replication factor 3, the race for a broker's markers, 100,000 fuzzed records
  --rounds N  how often brokers are killed in the long form [12]
  --fuzz N    records that are fuzzed, by themselves and on the broker [2000; long: 100000]
  --help
`;

const SHORT = [
  'test/faults',
  'test/integration',
  'test/hostile',
  'test/projection',
  'test/producers/redis-projection',
];

const { values } = parse();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const report = at('test-results/faults.jsonl');
rmSync(report, { force: true });
const fuzz = values.fuzz ?? (values.long ? '100000' : undefined);
if (fuzz !== undefined) process.env.FUZZ_RUNS = fuzz;
if (values.rounds !== undefined) process.env.FAULT_ROUNDS = values.rounds;
const jest = at('node_modules/jest/bin/jest.js');
let failed = await run('short', SHORT);
if (values.long) failed = (await run('long', ['--testMatch', '<rootDir>/test/faults/long/*.ts'])) || failed;
printTable();
process.exit(failed ? 1 : 0);

async function run(name, args) {
  const { exitCode, left } = await runJest([jest, ...args], {
    report: at(`test-results/faults-${name}.json`),
  });
  return exitCode !== 0 || !left;
}

function printTable() {
  const runs = existsSync(report)
    ? readFileSync(report, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
  console.log(
    '| fault | expected | scans | faults | lost | doubled | out of order | longest pause s | memory MB |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  for (const each of runs) {
    const cells = [
      each.fault,
      each.expected,
      each.scans,
      each.faults,
      each.lost,
      each.doubled,
      each.outOfOrder,
    ];
    const figures = [each.recoverySeconds?.toFixed(1), each.p99Ms?.toFixed(0), each.memoryMb?.toFixed(0)];
    console.log(`| ${[...cells, ...figures].map((cell) => cell ?? '').join(' | ')} |`);
  }
}

function parse() {
  const flag = { type: 'string' };
  try {
    return parseArgs({
      options: { long: { type: 'boolean' }, rounds: flag, fuzz: flag, help: { type: 'boolean' } },
    });
  } catch (error) {
    console.error(`${error.message}. --help says more.`);
    process.exit(2);
  }
}
