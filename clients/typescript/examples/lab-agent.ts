// A lab agent: ends the charging of a battery when its cobalt is oxidised far enough, by the mean oxidation state over
// the sample's sites, and asks for more scans where the noise does not let a value be trusted. Copy it and decide.ts,
// and put your own decisions in the place of that.

import { parseArgs } from 'node:util';
import { ClientError, connect, type NewRequest } from '@xanes-stream/client';
import { decisions } from './decide.ts';

const HELP = `lab-agent [FLAGS]

Reads descriptors as they are committed, and asks the beamline
  to stop         when the mean oxidation state of the sample has reached its goal, by its last accepted scans
  for more scans  when the advice on a scan is to measure more and average, as many as are needed
  for shorter scans  with --end-at
Says each request, and what becomes of it, as a line of JSON.

  --brokers LIST      [KAFKA_BROKERS, or localhost:9092]
  --name NAME         of this agent; agents of one name share the samples [lab-agent]
  --stop-at N         mean oxidation state that ends the charging [3.6]
  --within N          leave values alone whose interval reaches further than this to either side [0.25]
  --scans N           how many accepted scans in a row must have it, on average [3]
  --more N            how many scans to ask for at the most where noise is in the way [4]
  --accumulated       repeats are averaged by npm run accumulate: once more scans were asked for, means alone count
  --end-at N          eV behind the edge where scans are to end, once one was judged without noise in the way
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
        accumulated: { type: 'boolean', default: false },
        'end-at': { type: 'string' },
        'max-age-s': { type: 'string', default: '60' },
        replay: { type: 'boolean', default: false },
        'from-beginning': { type: 'boolean', default: false },
        topics: { type: 'string', default: '{}' },
        help: { type: 'boolean', default: false },
      },
    }).values,
);
const number = (name: 'stop-at' | 'within' | 'scans' | 'more' | 'max-age-s' | 'end-at') =>
  readFlags(() => {
    const text = flags[name] ?? '';
    const value = Number(text);
    if (text.trim() !== '' && value > 0) return value;
    throw new Error(`Expected --${name} to be a number > 0, got ${flags[name]}`);
  });
const asked = new Set<string>(); // kind, run and sample of requests of which nothing is known to have become yet
const decide = decisions({
  stopAt: number('stop-at'),
  within: number('within'),
  scans: number('scans'),
  more: number('more'),
  accumulated: flags.accumulated,
  endAt: flags['end-at'] === undefined ? null : number('end-at'),
});
const maxAgeMs = number('max-age-s') * 1000;
const topics = readFlags(() => JSON.parse(flags.topics) as Readonly<Record<string, string>>);

async function main(): Promise<void> {
  const brokers = flags.brokers.split(',');
  const xanes = await connect({ brokers, name: flags.name, topics });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void xanes.close());
  console.error(`${flags.name} reads descriptors at ${flags.brokers}`);
  const from = flags['from-beginning'] ? 'beginning' : 'now';
  for await (const event of xanes.descriptors({ from, maxAgeMs, replay: flags.replay }))
    for (const wanted of decide(event)) await ask(wanted, event.scanId);

  async function ask(wanted: NewRequest, scanId: string): Promise<void> {
    const what = JSON.stringify([wanted.kind, wanted.runId, wanted.sampleId]);
    // One at a time, and a sample that was stopped is not stopped again. Where means are waited for, `decide` does it.
    if (asked.has(what) && !(flags.accumulated && wanted.kind === 'more-scans')) return;
    asked.add(what);
    // An event that is read again after a crash makes the same request, which is carried out once.
    const requestId = `${flags.name}/${wanted.kind}/${scanId}`;
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
