// A lab agent: stops the charging of a battery when its cobalt is oxidised far enough, by the mean oxidation state over
// the sample's sites, and asks for more scans where the noise does not let a value be trusted. Copy it and put your own
// decisions in the place of `decide`.

import { Partitioners } from 'kafkajs';
import { parseFlags, readFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { committedReader } from '../src/consumers/committed-reader.ts';
import { kafkaClient } from '../src/consumers/kafka-client.ts';
import { reachBroker } from '../src/consumers/reach-broker.ts';
import { explain } from '../src/errors.ts';
import type { SourceRecord } from '../src/messages/record.ts';
import { decodeDescriptors } from '../src/wire/descriptors-codec.ts';
import type { WireDescriptors } from '../src/wire/generated.ts';

const HELP = `node --import tsx examples/lab-agent.ts [FLAGS]

Reads descriptors as they are committed, and says one request a line as JSON:
  {"request":"stop-charging",…}   the mean oxidation state of the sample reached its goal, by its last accepted scans
  {"request":"more-scans",…}      the advice on a scan was to measure more and average

  --brokers LIST    [KAFKA_BROKERS, or localhost:9092]
  --topic NAME      descriptors [xanes.descriptors.v1]
  --requests NAME   also publish the requests to this topic, key = sample id
  --group NAME      consumer group; agents of one group share the samples [lab-agent]
  --stop-at N       mean oxidation state that ends the charging [3.6]
  --within N        leave values alone whose interval reaches further than this to either side [0.25]
  --scans N         how many accepted scans in a row must have it, on average [3]
  --max-age-s N     leave results alone that are older: an agent that comes back late must not act on the past [60]
  --replay          act on replayed and simulated scans too`;

const { values: flags } = parseFlags({
  options: {
    brokers: { type: 'string', default: process.env.KAFKA_BROKERS ?? 'localhost:9092' },
    topic: { type: 'string', default: 'xanes.descriptors.v1' },
    requests: { type: 'string' },
    group: { type: 'string', default: 'lab-agent' },
    'stop-at': { type: 'string', default: '3.6' },
    within: { type: 'string', default: '0.25' },
    scans: { type: 'string', default: '3' },
    'max-age-s': { type: 'string', default: '60' },
    replay: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const number = (name: 'stop-at' | 'within' | 'scans' | 'max-age-s') =>
  readFlags(() => {
    const value = Number(flags[name]);
    if (flags[name].trim() !== '' && value > 0) return value;
    throw new Error(`Expected --${name} to be a number > 0, got ${flags[name]}`);
  });
const stopAt = number('stop-at');
const within = number('within');
const scansWanted = number('scans');
const maxAgeMs = number('max-age-s') * 1000;

type Interval = { readonly value: number; readonly low: number; readonly high: number };

/** What this agent can ask for. Nothing on the wire can make it do anything else. */
type Request =
  | ({ readonly request: 'stop-charging'; readonly sampleId: string } & {
      readonly meanOxidationState: Interval;
    })
  | { readonly request: 'more-scans'; readonly sampleId: string; readonly because: string };

const accepted = new Map<string, Interval[]>(); // run and sample -> its last accepted mean oxidation states
const stopped = new Set<string>();

/** The decision on one scan. Acts on accepted values alone: a flagged or rejected one may be anything. */
function decide(scan: WireDescriptors): Request | null {
  const { sampleId } = scan;
  const battery = JSON.stringify([scan.runId, sampleId]);
  // Of `means`, not `descriptors`: a battery in mid-charge is a mixture of Co3+ and Co4+, for which no class is right.
  const oxidation = scan.means.find(({ name }) => name === 'OS');
  if (oxidation?.verdict === 'ACCEPT' && oxidation.high - oxidation.low <= 2 * within) {
    const last = [...(accepted.get(battery) ?? []), oxidation].slice(-scansWanted);
    accepted.set(battery, last);
    const meanOxidationState = average(last);
    if (last.length === scansWanted && meanOxidationState.value >= stopAt && !stopped.has(battery)) {
      stopped.add(battery);
      return { request: 'stop-charging', sampleId, meanOxidationState };
    }
  }
  if (scan.advice === 'ACCUMULATE') return { request: 'more-scans', sampleId, because: scan.adviceReason };
  return null;
}

/** Scans of one sample share most of their error, so that many of them have no narrower interval than one. */
function average(readings: readonly Interval[]): Interval {
  const mean = (pick: (each: Interval) => number) =>
    readings.reduce((sum, each) => sum + pick(each), 0) / readings.length;
  return { value: mean(({ value }) => value), low: mean(({ low }) => low), high: mean(({ high }) => high) };
}

async function main(): Promise<void> {
  const settings = { brokers: flags.brokers.split(','), clientId: 'lab-agent' };
  await reachBroker(settings, [flags.topic], { withinMs: 5000 });
  const kafka = kafkaClient(settings);
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  if (flags.requests) await producer.connect();
  const reader = committedReader({
    kafka,
    groupId: flags.group,
    topics: [flags.topic],
    nowMs: Date.now,
    async onBatch({ records }) {
      for (const record of records) {
        const { offset, partition } = record;
        const scan = decoded(record);
        if (scan === null) {
          console.error(`Expected descriptors at offset ${offset} of partition ${partition}; passed over`);
          continue;
        }
        const ageMs = Date.now() - scan.times.publishedAt / 1000;
        if (ageMs > maxAgeMs || (scan.origin === 'REPLAY' && !flags.replay)) continue;
        const request = decide(scan);
        if (request !== null) await ask({ ...request, runId: scan.runId, scanId: scan.scanId });
      }
    },
    onCrash: (error) => {
      console.error(explain(error));
      process.exit(1);
    },
  });

  // A batch that was read again after a crash asks again, with the same scanId: who carries requests out should heed
  // that.
  async function ask(request: Request & { runId: string; scanId: string }): Promise<void> {
    const line = JSON.stringify(request);
    console.log(line);
    if (flags.requests)
      await producer.send({ topic: flags.requests, messages: [{ key: request.sampleId, value: line }] });
  }

  await reader.start();
  console.error(`Reading ${flags.topic} at ${flags.brokers}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void Promise.all([reader.close(), producer.disconnect()]).then(() => process.exit(0));
    });
  }
}

function decoded({ value, headers }: SourceRecord): WireDescriptors | null {
  try {
    return decodeDescriptors(value ?? Buffer.alloc(0), headers);
  } catch {
    return null;
  }
}

if (flags.help) console.log(HELP);
else await runCommand(main);
