import { existsSync, readFileSync, rmSync } from 'node:fs';
import { readArguments } from './arguments.mjs';
import { runJest } from './run-tests.mjs';
import { setUp } from './set-up.mjs';
import { at } from './steps.mjs';

const HELP = `npm run test:faults -- [--long] [--rounds N] [--fuzz N] [PATTERN...]

Every fault that the system is to bear, on a real broker, with controls that show that the tests can fail, and one table
of what was seen (test-results/faults.jsonl). With patterns only the test files whose path matches one: their lines take
the place of former ones in the table, so that the long form can be run in parts.

  --long      also: one broker and three of replication factor 3 killed in turn, the race for a broker's markers, a
              rolling upgrade, 100,000 fuzzed records; containers, Prometheus, the schemas of Kubernetes, every
              Node version that is named, a quench by CHGNet
  --rounds N  how often brokers are killed in the long form [12]
  --fuzz N    records that are fuzzed, by themselves and on the broker [2000; long: 100000]
  --help
`;

const SHORT = [
  'test/faults',
  'test/integration',
  'test/hostile',
  'test/services/projection',
  'test/flows/projection',
  'test/producers/redis-projection',
];

const { values, positionals: patterns } = readArguments(HELP, {
  options: { long: { type: 'boolean' }, rounds: { type: 'string' }, fuzz: { type: 'string' } },
  allowPositionals: true,
});
process.env.FAULT_ROUNDS = atLeastOne('rounds', values.rounds ?? '12');
process.env.FUZZ_RUNS = atLeastOne('fuzz', values.fuzz ?? (values.long ? '100000' : '2000'));
await setUp(['services', 'page', 'tensorflow', 'tests']); // as npm test, whose files these are
const report = at('test-results/faults.jsonl');
const jest = at('node_modules/jest/bin/jest.js');
if (patterns.length === 0) rmSync(report, { force: true });
let failed = await run('short', patterns.length > 0 ? patterns : SHORT);
// Its files start what they need: no pattern of theirs matches a file that the shared broker is for.
const long = ['--testMatch', '<rootDir>/test/faults/long/*.ts', '--'];
if (values.long)
  failed = (await run('long', [...long, ...(patterns.length > 0 ? patterns : ['faults/long'])])) || failed;
printTable();
process.exit(failed ? 1 : 0);

async function run(name, args) {
  const { exitCode, left } = await runJest([jest, '--passWithNoTests', ...args], {
    report: at(`test-results/faults-${name}.json`),
  });
  return exitCode !== 0 || !left;
}

function printTable() {
  const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : [];
  const runs = new Map(lines.map((line) => JSON.parse(line)).map((each) => [each.fault, each]));
  const heads =
    'fault | expected | scans | faults | lost | doubled | out of order | retries | longest pause s | p99 ms | memory MB';
  console.log(`| ${heads} |\n|${'---|'.repeat(heads.split('|').length)}`);
  for (const each of runs.values()) {
    const { fault, expected, scans, faults, lost, doubled, outOfOrder, retries } = each;
    const figures = [each.recoverySeconds?.toFixed(1), each.p99Ms?.toFixed(0), each.memoryMb?.toFixed(0)];
    const cells = [fault, expected, scans, faults, lost, doubled, outOfOrder, retries, ...figures];
    console.log(`| ${cells.map((cell) => cell ?? '').join(' | ')} |`);
  }
}

function atLeastOne(flag, text) {
  if (/^[1-9]\d*$/.test(text)) return text;
  console.error(`Expected --${flag} to be a whole number of at least 1, got ${text}`);
  process.exit(2);
}
