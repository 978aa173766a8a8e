// An agent that acts on what the stream jobs tell of samples: asks for scans when one begins to change, for a stop when
// that has ended (npm run changes), and for what its repeats need (npm run accumulate). Copy it, and put your own
// decisions in the place of `onChange` and `onRepeats`.

import { parseArgs } from 'node:util';
import {
  type Accumulation,
  type Acknowledgement,
  type Asked,
  type ChangePoint,
  ClientError,
  connect,
  type Subject,
  type Wanted,
} from '@xanes-stream/client';

const HELP = `follow-samples [FLAGS]

Reads changes of samples and how far their repeats are averaged, and asks the beamline
  for more scans  when a sample has begun to change, and where the mean of its repeats is still too noisy
  to stop         when a change has ended: the sample is steady
  for a rescan    when as many repeats as are averaged were not enough
  for a pause     when repeats differ by more than noise: a person should look
Says each request, and what is said to it, as a line of JSON.

  --brokers LIST      [KAFKA_BROKERS, or localhost:9092]
  --name NAME         of this agent; agents of one name share the samples [follow-samples]
  --more N            scans to ask for at the most, and when a sample changes [4]
  --max-age-s N       leave alone what is about scans that ended longer ago [60]
  --replay            act on replayed and simulated scans too, such as the demo's
  --from-beginning    read what is there already, where this name has read nothing yet
  --topics NAMES      others than the usual ones, as JSON: {"changes":…,"accumulations":…,"requests":…,…}`;

const flags = readFlags(
  () =>
    parseArgs({
      options: {
        brokers: { type: 'string', default: process.env.KAFKA_BROKERS ?? 'localhost:9092' },
        name: { type: 'string', default: 'follow-samples' },
        more: { type: 'string', default: '4' },
        'max-age-s': { type: 'string', default: '60' },
        replay: { type: 'boolean', default: false },
        'from-beginning': { type: 'boolean', default: false },
        topics: { type: 'string', default: '{}' },
        help: { type: 'boolean', default: false },
      },
    }).values,
);
const number = (name: 'more' | 'max-age-s') =>
  readFlags(() => {
    const value = Number(flags[name]);
    if (flags[name].trim() !== '' && value > 0) return value;
    throw new Error(`Expected --${name} to be a number > 0, got ${flags[name]}`);
  });
const more = Math.round(number('more'));
const maxAgeMs = number('max-age-s') * 1000;
const topics = readFlags(() => JSON.parse(flags.topics) as Readonly<Record<string, string>>);

/**
 * What to ask for, why, and because of which message: one that is read again makes the same request. `inVain` is called
 * when nothing comes of it.
 */
type Decision = Wanted &
  Pick<Subject, 'scanIds'> & { readonly why: string; readonly because: string; readonly inVain?: () => void };

function onChange(change: ChangePoint): Decision | null {
  const { kind, quantity, size, low, high, changeId: because, scansAfter: scanIds } = change;
  const what = quantity === 'SPECTRUM' ? 'Spectrum' : 'Mean oxidation state';
  const by = `${size.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  if (kind === 'STEP' || kind === 'DRIFT')
    return { kind: 'more-scans', scans: more, why: `${what} has changed by ${by}`, because, scanIds };
  if (kind === 'STEADY') return { kind: 'stop', why: `${what} is steady after ${by}`, because, scanIds };
  return null; // back at a former level
}

/** By accumulation, how many members its mean has when all is measured that was asked for. */
const awaited = new Map<string, number>();

function onRepeats(repeats: Accumulation): Decision | null {
  const { accumulationId, status, reason, detail: why, members, repeatsNeeded } = repeats;
  const decision = { why, because: `${accumulationId}/${members.length}`, scanIds: members };
  if (status !== 'GROWING') awaited.delete(accumulationId);
  if (reason === 'bound') return { kind: 'rescan', ...decision };
  if (reason === 'outlier' || reason === 'drift') return { kind: 'pause', ...decision };
  if (reason !== 'more-needed' || members.length < (awaited.get(accumulationId) ?? 0)) return null;
  const scans = Math.min(more, repeatsNeeded ?? more);
  const enough = members.length + scans;
  awaited.set(accumulationId, enough);
  const inVain = () => {
    if (awaited.get(accumulationId) === enough) awaited.delete(accumulationId);
  };
  return { kind: 'more-scans', scans, ...decision, inVain };
}

const HEARD_WITHIN_MS = 3_600_000;

/** Says what becomes of a request: the answer, and of one that is accepted the end. */
async function hear({ request: { requestId }, answer, end }: Asked, inVain = () => {}): Promise<void> {
  const first = await answer();
  if (isVain(first)) inVain();
  say(first ?? { requestId, status: 'UNANSWERED' });
  if (first === null || outcome(first) !== 'ACCEPTED') return;
  const last = await end({ withinMs: HEARD_WITHIN_MS });
  if (isVain(last)) inVain();
  if (last !== null) say(last);
}

/** Of a request that was made before, what became of that. */
const outcome = ({ status, earlier }: Acknowledgement) => earlier ?? status;

const isVain = (said: Acknowledgement | null): boolean =>
  said === null || ['REFUSED', 'EXPIRED', 'FAILED'].includes(outcome(said));

async function main(): Promise<void> {
  const { name, replay } = flags;
  const xanes = await connect({ brokers: flags.brokers.split(','), name, topics });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void xanes.close());
  const options = { replay, from: flags['from-beginning'] ? 'beginning' : 'now' } as const;
  console.error(`${name} follows samples at ${flags.brokers}`);
  await Promise.all([
    act(xanes.changes(options), ({ foundAt }) => foundAt, onChange),
    act(xanes.accumulations(options), ({ at }) => at, onRepeats),
  ]);

  async function act<Told extends ChangePoint | Accumulation>(
    told: AsyncIterable<Told>,
    atMs: (message: Told) => number,
    decide: (message: Told) => Decision | null,
  ): Promise<void> {
    for await (const message of told) {
      const decision = Date.now() - atMs(message) > maxAgeMs ? null : decide(message);
      if (decision === null) continue;
      const { because, inVain, ...wanted } = decision;
      const { beamline, runId, sampleId, element, edge, origin } = message;
      const requestId = `${name}/${wanted.kind}/${because}`;
      const about = { beamline, runId, sampleId, element, edge, origin };
      const asked = await xanes.ask({ ...wanted, ...about, requestId });
      say({ request: asked.request });
      void hear(asked, inVain).catch(fail);
    }
  }
}

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
