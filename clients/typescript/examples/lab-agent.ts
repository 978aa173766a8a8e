// A lab agent: ends the charging of a battery when its cobalt is oxidised far enough, by the mean oxidation state over
// the sample's sites, and asks for more scans where the noise does not let a value be trusted. Copy it and put your own
// decisions in the place of `decide`.

import { parseArgs } from 'node:util';
import { about, ClientError, connect, type Descriptors, type NewRequest } from '@xanes-stream/client';

const HELP = `lab-agent [FLAGS]

Reads descriptors as they are committed, and asks the beamline
  to stop         when the mean oxidation state of the sample has reached its goal, by its last accepted scans
  for more scans  when the advice on a scan is to measure more and average
Says each request, and what becomes of it, as a line of JSON.

  --brokers LIST      [KAFKA_BROKERS, or localhost:9092]
  --name NAME         of this agent; agents of one name share the samples [lab-agent]
  --stop-at N         mean oxidation state that ends the charging [3.6]
  --within N          leave values alone whose interval reaches further than this to either side [0.25]
  --scans N           how many accepted scans in a row must have it, on average [3]
  --more N            how many scans to ask for where noise is in the way [4]
  --max-age-s N       leave results alone that are older: an agent that comes back late must not act on the past [60]
  --replay            act on replayed and simulated scans too, such as the demo's
  --from-beginning    read what is there already, where this name has read nothing yet
  --topics NAMES      others than the usual ones, as JSON: {"descriptors":…,"requests":…,"acknowledgements":…}`;

const flags = readFlags(
  () =>
    parseArgs({
      options: {
        brokers: { type: 'string', default: process.env.KAFKA_BROKERS ?? 'localhost:9092' },
        name: { type: 'string', default: 'lab-agent' },
        'stop-at': { type: 'string', default: '3.6' },
        within: { type: 'string', default: '0.25' },
        scans: { type: 'string', default: '3' },
        more: { type: 'string', default: '4' },
        'max-age-s': { type: 'string', default: '60' },
        replay: { type: 'boolean', default: false },
        'from-beginning': { type: 'boolean', default: false },
        topics: { type: 'string', default: '{}' },
        help: { type: 'boolean', default: false },
      },
    }).values,
);
const number = (name: 'stop-at' | 'within' | 'scans' | 'more' | 'max-age-s') =>
  readFlags(() => {
    const value = Number(flags[name]);
    if (flags[name].trim() !== '' && value > 0) return value;
    throw new Error(`Expected --${name} to be a number > 0, got ${flags[name]}`);
  });
const stopAt = number('stop-at');
const within = number('within');
const scansWanted = number('scans');
const more = number('more');
const maxAgeMs = number('max-age-s') * 1000;
const topics = readFlags(() => JSON.parse(flags.topics) as Readonly<Record<string, string>>);

type Reading = {
  readonly event: Descriptors;
  readonly value: number;
  readonly low: number;
  readonly high: number;
};

const accepted = new Map<string, Reading[]>(); // run and sample -> its last accepted mean oxidation states
const asked = new Set<string>(); // kind, run and sample of requests of which nothing is known to have become yet

/** The decision on one scan. Acts on accepted values alone: a flagged or rejected one may be anything. */
function decide(event: Descriptors): NewRequest | null {
  // Of `means`, not `descriptors`: a battery in mid-charge is a mixture of Co3+ and Co4+, for which no class is right.
  const oxidation = event.means.find(({ name }) => name === 'OS');
  if (oxidation?.verdict === 'ACCEPT' && oxidation.high - oxidation.low <= 2 * within) {
    const battery = JSON.stringify([event.runId, event.sampleId]);
    const last = [...(accepted.get(battery) ?? []), { event, ...oxidation }].slice(-scansWanted);
    accepted.set(battery, last);
    const { value, low, high } = average(last);
    if (last.length === scansWanted && value >= stopAt) {
      const interval = `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
      const why = `Mean oxidation state ${interval}, by ${last.length} accepted scans; wanted ${stopAt}`;
      return { kind: 'stop', why, ...about(last.map((each) => each.event)) };
    }
  }
  if (event.advice === 'ACCUMULATE')
    return { kind: 'more-scans', scans: more, why: event.adviceReason, ...about([event]) };
  return null;
}

/** Scans of one sample share most of their error, so that many of them have no narrower interval than one. */
function average(readings: readonly Reading[]): Omit<Reading, 'event'> {
  const mean = (pick: (each: Reading) => number) =>
    readings.reduce((sum, each) => sum + pick(each), 0) / readings.length;
  return { value: mean(({ value }) => value), low: mean(({ low }) => low), high: mean(({ high }) => high) };
}

async function main(): Promise<void> {
  const brokers = flags.brokers.split(',');
  const xanes = await connect({ brokers, name: flags.name, topics });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void xanes.close());
  console.error(`${flags.name} reads descriptors at ${flags.brokers}`);
  const from = flags['from-beginning'] ? 'beginning' : 'now';
  for await (const event of xanes.descriptors({ from, maxAgeMs, replay: flags.replay })) {
    const wanted = decide(event);
    if (wanted === null) continue;
    const what = JSON.stringify([wanted.kind, wanted.runId, wanted.sampleId]);
    if (asked.has(what)) continue; // one at a time, and a sample that was stopped is not stopped again
    asked.add(what);
    // An event that is read again after a crash makes the same request, which is carried out once.
    const requestId = `${flags.name}/${wanted.kind}/${event.scanId}`;
    const { request, answer, end } = await xanes.ask({ ...wanted, requestId });
    say({ request });
    void (async () => {
      const first = await answer();
      say(first ?? { requestId, status: 'UNANSWERED' });
      const last = first === null ? null : await end({ withinMs: HEARD_WITHIN_MS });
      if (last !== null && last !== first) say(last);
      if (wanted.kind === 'more-scans' || last?.status !== 'DONE') asked.delete(what);
    })().catch(fail);
  }
}

const HEARD_WITHIN_MS = 3_600_000;

const say = (what: object): void => console.log(JSON.stringify(what));

/** What the user can mend is said in one line, without a stack. */
function fail(error: unknown): never {
  console.error(error instanceof ClientError ? error.message : error);
  process.exit(1);
}

/** What is refused is said in one line, and the process ends with code 2, as commands do that were called wrongly. */
function readFlags<Flags>(read: () => Flags): Flags {
  try {
    return read();
  } catch (error) {
    console.error(`${(error as Error).message.split('. ')[0]}; --help lists the options`);
    process.exit(2);
  }
}

if (flags.help) console.log(HELP);
else await main().catch(fail);
