import { type AcknowledgementBook, followAcknowledgements } from './acknowledgements.ts';
import { type AnswerOptions, answering, type Received } from './answer-requests.ts';
import { type Asked, about, type NewRequest, publishRequest, wholeRequest } from './ask.ts';
import type { Codec } from './codec.ts';
import { ClientError } from './errors.ts';
import type { Accumulation, ChangePoint, DeadLetter, Descriptors, Run } from './generated.ts';
import { type Broker, expectTopic, kafkaOf, nullIfAborted, producerOf, reach } from './kafka.ts';
import {
  ACCUMULATION,
  CHANGE,
  DEAD_LETTER,
  DESCRIPTORS,
  type NewScan,
  RUN,
  SCAN,
  wholeScan,
} from './messages.ts';
import { type ReadOptions, recordsOf } from './records.ts';
import { type EndOfRun, endedRun, type NewRun, startedRun } from './runs.ts';

export type { CheckedRequest } from './answer-requests.ts';
export type { Subject, Wanted } from './ask.ts';
export type * from './generated.ts';
export type { AnswerOptions, Asked, Broker, EndOfRun, NewRequest, NewRun, NewScan, ReadOptions, Received };
export { about, ClientError };

/** Names of the topics, where they are others than those that `npm run topics` makes. */
export type Topics = typeof TOPICS;
const TOPICS = {
  scans: 'xanes.scans.v1',
  descriptors: 'xanes.descriptors.v1',
  deadLetters: 'xanes.dead-letters.v1',
  runs: 'xanes.runs.v1',
  requests: 'xanes.requests.v1',
  acknowledgements: 'xanes.acknowledgements.v1',
  changes: 'xanes.changes.v1',
  accumulations: 'xanes.accumulations.v1',
};

export type ConnectOptions = Broker & {
  readonly topics?: Partial<Topics>;
  /** Is told what goes on in spite of trouble: a record that cannot be read, a broker that went away [to stderr]. */
  readonly onWarning?: (message: string) => void;
};

export type LiveOptions = ReadOptions & {
  /** Whether what comes of recordings and simulations, such as the demo's, comes too [false]. */
  readonly replay?: boolean;
};

export type DescriptorOptions = LiveOptions & {
  /** Whether previews of scans that are still being measured come too, which name theirs in `partialOf` [false]. */
  readonly previews?: boolean;
  /** Events that were published longer ago are passed over: who comes late must not act on the past [no limit]. */
  readonly maxAgeMs?: number;
};

export type Client = {
  /** Resolves when the broker has the scan. Throws a ClientError where the processor would refuse it unread. */
  publishScan(scan: NewScan): Promise<void>;
  /** Says that a run has started. */
  startRun(run: NewRun): Promise<void>;
  /** Says that a run has ended: whoever watches it knows then that no more scans come, and raises no alarm. */
  endRun(run: EndOfRun): Promise<void>;
  /** Starts and ends of runs as they are told; the newest of a run holds. */
  runs(options?: ReadOptions): AsyncGenerator<Run, void, undefined>;
  /** Descriptor events as they are committed, at least once each: heed scanId. */
  descriptors(options?: DescriptorOptions): AsyncGenerator<Descriptors, void, undefined>;
  /** Steps, drifts, their ends and returns of samples, as `npm run changes` finds them: heed changeId. */
  changes(options?: LiveOptions): AsyncGenerator<ChangePoint, void, undefined>;
  /** How far repeats of samples are averaged, by `npm run accumulate`, up to the accepted mean or why there is none. */
  accumulations(options?: LiveOptions): AsyncGenerator<Accumulation, void, undefined>;
  /** Records that could not become descriptors, with the reason and their own bytes. */
  deadLetters(options?: ReadOptions): AsyncGenerator<DeadLetter, void, undefined>;
  /** Asks a beamline for something; resolves when the broker has the request. */
  ask(request: NewRequest): Promise<Asked>;
  /**
   * For a beamline: requests that it may carry out. Malformed, expired, foreign and doubled ones are answered before
   * they come here. Accept or refuse each before the next is asked for.
   */
  requests(options: AnswerOptions & ReadOptions): AsyncGenerator<Received, void, undefined>;
  /** Ends all that was begun. */
  close(): Promise<void>;
};

/**
 * A client of the topics of xanes-stream.
 * @throws ClientError in one sentence where no broker answers, or a topic is missing when it is first used
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  const { name, onWarning = (message) => console.error(message) } = options;
  const topics = { ...TOPICS, ...options.topics };
  await reach(options);
  const kafka = kafkaOf(options);
  const producer = producerOf(kafka);
  await producer.connect();
  const closing = new AbortController();
  const books: Promise<AcknowledgementBook>[] = [];
  const open = new Set<{ close(): Promise<void> }>();

  const untilClosed = (signal?: AbortSignal): AbortSignal =>
    signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);

  const book = (from: 'now' | 'beginning', signal: AbortSignal): Promise<AcknowledgementBook> => {
    const topic = topics.acknowledgements;
    const opened = followAcknowledgements({ kafka, topic, name, from, onWarning, signal });
    books.push(opened);
    return opened;
  };
  let ofOurRequests: Promise<AcknowledgementBook> | undefined;
  const known = new Set<string>();

  const read = (topic: string, { group = name, from = 'now', signal }: ReadOptions) =>
    recordsOf({ kafka, topic, group, from, onWarning, open, signal: untilClosed(signal) });

  async function* messages<Message>(topic: string, codec: Codec<Message>, readOptions: ReadOptions) {
    for await (const record of read(topic, readOptions)) {
      const { partition, offset, value, headers } = record;
      let message: Message;
      try {
        message = codec.decode(value, headers);
      } catch (error) {
        onWarning(`Passed over offset ${offset} of ${topic}/${partition}: ${(error as Error).message}`);
        continue;
      }
      yield message;
    }
  }

  async function* live<Message extends { readonly origin: 'LIVE' | 'REPLAY' }>(
    what: 'changes' | 'accumulations',
    codec: Codec<Message>,
    { replay = false, ...rest }: LiveOptions,
  ) {
    for await (const message of messages(topics[what], codec, { group: `${name}-${what}`, ...rest }))
      if (replay || message.origin === 'LIVE') yield message;
  }

  async function publish(topic: string, message: { key: string; value: Buffer }): Promise<void> {
    await expectOnce(topic);
    await producer.send({ topic, acks: -1, messages: [message] });
  }
  async function publishRun(run: Run): Promise<void> {
    await publish(topics.runs, { key: run.runId, ...RUN.encode(run) });
  }

  return {
    async publishScan(scan) {
      await publish(topics.scans, { key: scan.sampleId, ...SCAN.encode(wholeScan(scan)) });
    },
    startRun: (run) => publishRun(startedRun(run, Date.now())),
    endRun: (run) => publishRun(endedRun(run, Date.now())),
    runs: (readOptions = {}) => messages(topics.runs, RUN, { group: `${name}-runs`, ...readOptions }),
    async *descriptors({
      replay = false,
      previews = false,
      maxAgeMs = Number.POSITIVE_INFINITY,
      ...rest
    } = {}) {
      for await (const event of messages(topics.descriptors, DESCRIPTORS, rest)) {
        const ageMs = Date.now() - event.times.publishedAt / 1000;
        const isWanted = (replay || event.origin === 'LIVE') && (previews || event.partialOf === null);
        if (isWanted && ageMs <= maxAgeMs) yield event;
      }
    },
    changes: (options = {}) => live('changes', CHANGE, options),
    accumulations: (options = {}) => live('accumulations', ACCUMULATION, options),
    deadLetters: (readOptions = {}) =>
      messages(topics.deadLetters, DEAD_LETTER, { group: `${name}-dead-letters`, ...readOptions }),
    async ask(wanted) {
      const request = wholeRequest(wanted, name, Date.now());
      await expectOnce(topics.requests);
      ofOurRequests ??= book('now', closing.signal);
      return publishRequest(request, { producer, topic: topics.requests, book: await ofOurRequests });
    },
    async *requests(answerOptions) {
      const signal = untilClosed(answerOptions.signal);
      const acknowledged = await book('beginning', signal).catch(nullIfAborted(signal));
      if (acknowledged === null) return;
      const { answer, expectAnswer } = await answering({
        ...{ ...answerOptions, by: name, topic: topics.acknowledgements, producer, onWarning },
        book: acknowledged,
      });
      // What was asked before this program first began is answered too; what was answered is left alone.
      const readOptions = { from: 'beginning', group: `${name}-requests`, ...answerOptions } as const;
      for await (const record of read(topics.requests, readOptions)) {
        const received = await answer(record);
        if (received === null) continue;
        yield received;
        expectAnswer(received.request.requestId);
      }
    },
    async close() {
      closing.abort();
      await Promise.all([...open].map((each) => each.close()));
      // One that could not be opened has said so to whoever asked for it.
      await Promise.all(books.map((opened) => opened.then((each) => each.close()).catch(() => {})));
      await producer.disconnect();
    },
  };

  /** A topic is looked for before the first record for it, so that a missing one is named, not waited for. */
  async function expectOnce(topic: string): Promise<void> {
    if (known.has(topic)) return;
    await expectTopic({ kafka, onWarning, signal: closing.signal }, topic);
    known.add(topic);
  }
}
