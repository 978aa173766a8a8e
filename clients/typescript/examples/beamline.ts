// A beamline's side of the loop: takes what it is asked for, as far as it allows that, and carries it out in turn. Copy
// it and put your own control system in the place of `measure`, which computes a cobalt edge here.

import { parseArgs } from 'node:util';
import { ClientError, connect, type NewScan, type Received, type RequestKind } from '@xanes-stream/client';

const HELP = `beamline [FLAGS]

Takes requests for more scans, for another energy range and to stop, answers each, and publishes simulated scans.
Says what it does a line each.

  --brokers LIST    [KAFKA_BROKERS, or localhost:9092]
  --beamline NAME   requests of others are left alone [simulated]
  --name NAME       of this program, in its acknowledgements [beamline]
  --replay          take requests that were made of replayed and simulated scans too
  --topics NAMES    others than the usual ones, as JSON: {"scans":…,"requests":…,"acknowledgements":…}`;

const flags = readFlags(
  () =>
    parseArgs({
      options: {
        brokers: { type: 'string', default: process.env.KAFKA_BROKERS ?? 'localhost:9092' },
        beamline: { type: 'string', default: 'simulated' },
        name: { type: 'string', default: 'beamline' },
        replay: { type: 'boolean', default: false },
        topics: { type: 'string', default: '{}' },
        help: { type: 'boolean', default: false },
      },
    }).values,
);
const topics = readFlags(() => JSON.parse(flags.topics) as Readonly<Record<string, string>>);

/** What this beamline can be asked for. A request is compared with these words, and never names what is run. */
const KINDS: readonly RequestKind[] = ['more-scans', 'next-energy-range', 'stop'];
const MOST_SCANS = 100;
/** eV, where the monochromator can go. */
const REACH = { fromEv: 7000, toEv: 9000 };

let range = { fromEv: 7659, toEv: 7859 };
let measured = 0;
const runId = `${flags.name}-${Date.now()}`;
/** Accepted and not yet done, in the order in which they are carried out. */
const plan: Received[] = [];

/** Why a request cannot be carried out here; null: it can. */
function impossible({ request }: Received): string | null {
  if (request.kind === 'more-scans' && request.scans > MOST_SCANS)
    return `Expected at most ${MOST_SCANS} scans, got ${request.scans}`;
  if (request.kind === 'next-energy-range' && (request.fromEv < REACH.fromEv || request.toEv > REACH.toEv))
    return `Expected energies from ${REACH.fromEv} to ${REACH.toEv} eV, got ${request.fromEv} to ${request.toEv}`;
  return null;
}

/** A stop is of one sample; without one it is of all. */
const isStopped = (planned: Received, { request: { sampleId } }: Received): boolean =>
  sampleId === null || planned.request.sampleId === sampleId;

async function main(): Promise<void> {
  const xanes = await connect({ brokers: flags.brokers.split(','), name: flags.name, topics });
  const run = { runId, beamline: flags.beamline, origin: 'REPLAY' } as const; // a simulation
  await xanes.startRun(run);
  const end = async () => {
    await xanes.endRun({ ...run, scans: measured });
    await xanes.close();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().catch(fail));
  console.log(`${flags.name} takes ${KINDS.join(', ')} for ${flags.beamline}`);
  let work = Promise.resolve();
  const { beamline, replay } = flags;
  for await (const received of xanes.requests({ beamline, kinds: KINDS, replay })) {
    const { kind, askedBy, why } = received.request;
    const refusal = impossible(received);
    console.log(`${askedBy} asks for ${kind}: ${why}${refusal === null ? '' : `; refused: ${refusal}`}`);
    if (refusal !== null) {
      await received.refuse('not-possible', refusal);
      continue;
    }
    await received.accept();
    // Not carried out here: a stop must be read while scans are measured.
    if (kind === 'stop') {
      for (const given of plan.filter((each) => isStopped(each, received))) {
        plan.splice(plan.indexOf(given), 1);
        await given.fail(`${askedBy} asked to stop`);
      }
      await received.done();
      continue;
    }
    plan.push(received);
    work = work.then(() => carryOut(received, xanes.publishScan)).catch(fail);
  }
  await work;
}

async function carryOut(received: Received, publish: (scan: NewScan) => Promise<void>): Promise<void> {
  const { request } = received;
  const scanIds: string[] = [];
  if (request.kind === 'next-energy-range') range = { fromEv: request.fromEv, toEv: request.toEv };
  if (request.kind === 'more-scans') {
    while (scanIds.length < request.scans && plan.includes(received)) {
      const scan = measure(request.sampleId ?? 'whatever stands in the beam');
      await publish(scan);
      scanIds.push(scan.scanId);
    }
  }
  if (!plan.includes(received)) return; // stopped, and said so
  plan.splice(plan.indexOf(received), 1);
  await received.done({ scanIds });
  console.log(`${request.kind} of ${request.askedBy} is done: ${scanIds.length} scans`);
}

/** A computed cobalt edge in transmission, half an eV a point. */
function measure(sampleId: string): NewScan {
  const points = Math.round(2 * (range.toEv - range.fromEv)) + 1;
  const energyEv = Float64Array.from({ length: points }, (_, i) => range.fromEv + i / 2);
  const mu = energyEv.map(
    (e) => 0.3 + Math.atan((e - 7719) / 1.2) / Math.PI + 0.25 * Math.exp(-(((e - 7726) / 3) ** 2)),
  );
  const sequence = measured++;
  return {
    ...{ scanId: `${runId}/${sequence}`, runId, sampleId, beamline: flags.beamline, sequence },
    ...{ element: 'Co', mode: 'TRANSMISSION', origin: 'REPLAY', metadata: { 'measured.by': flags.name } },
    ...{ energyEv, i0: energyEv.map(() => 1000), it: mu.map((each) => 1000 * Math.exp(-each)) },
    ...{ startedAt: Date.now() - 1000, endedAt: Date.now() },
  };
}

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
