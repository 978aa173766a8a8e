import type { Producer } from 'kafkajs';
import type { AcknowledgementBook } from './acknowledgements.ts';
import { isEnd, type Wanted } from './ask.ts';
import type { IncomingRecord } from './consume.ts';
import { ClientError, UnknownSchema } from './errors.ts';
import type { Acknowledgement, AcknowledgementReason, Request, RequestKind } from './generated.ts';
import { ACKNOWLEDGEMENT, contradiction, isKnownKind, REQUEST } from './messages.ts';

type Status = Acknowledgement['status'];
type Refusal = Extract<AcknowledgementReason, 'not-allowed' | 'not-possible'>;

/** A request that was checked, with the fields that its kind needs. */
export type CheckedRequest = Request & Wanted;

/** A request that waits for an answer. */
export type Received = {
  readonly request: CheckedRequest;
  /** It will be carried out; `done` or `fail` follows. */
  accept(detail?: string): Promise<void>;
  refuse(reason: Refusal, detail: string): Promise<void>;
  done(what?: { readonly scanIds?: readonly string[]; readonly detail?: string }): Promise<void>;
  fail(detail: string): Promise<void>;
};

export type AnswerOptions = {
  /** Requests of other beamlines are left alone. */
  readonly beamline: string;
  /** Kinds that are taken; the others are refused with not-allowed. */
  readonly kinds: readonly RequestKind[];
  /** Whether requests are taken that were made of recordings and simulations [false]. */
  readonly replay?: boolean;
};

type Answering = AnswerOptions & {
  readonly by: string;
  readonly topic: string;
  readonly producer: Producer;
  readonly book: AcknowledgementBook;
  readonly onWarning: (message: string) => void;
};

/**
 * Says of each record what becomes of it: it is answered here, left alone (null), or a request that waits for an
 * answer. Requests that this program had accepted before it began anew are FAILED first, so that none is carried out
 * twice and none hangs.
 */
export async function answering(options: Answering) {
  const { beamline, by, topic, producer, book, onWarning } = options;

  async function acknowledge(record: IncomingRecord, requestId: string, said: Said): Promise<void> {
    const { key, partition, offset, timestamp } = record;
    const acknowledgement: Acknowledgement = {
      ...{ requestId, beamline, by, earlier: null, scanIds: [], ...said },
      detail: (said.detail ?? '').slice(0, MOST_DETAIL),
      ...{ source: { topic: record.topic, partition, offset, timestamp }, at: Date.now() },
    };
    const message = { key: key ?? beamline, ...ACKNOWLEDGEMENT.encode(acknowledgement) };
    await producer.send({ topic, acks: -1, messages: [message] });
    book.note(acknowledgement);
  }

  for (const [requestId, acknowledgements] of book.all()) {
    const last = acknowledgements.findLast(isNoDuplicate);
    if (last?.status !== 'ACCEPTED' || last.by !== by || last.beamline !== beamline) continue;
    const record = { ...last.source, key: null, value: null, headers: {} };
    await acknowledge(record, requestId, {
      status: 'FAILED',
      reason: 'restarted',
      detail: `${by} began anew`,
    });
  }

  /** What became of a request so far; null: nothing. */
  const statusOf = (requestId: string): Status | null =>
    book.of(requestId).findLast(isNoDuplicate)?.status ?? null;

  function expectAnswer(requestId: string): void {
    if (statusOf(requestId) === null)
      throw new ClientError(
        `Expected request ${requestId} to be accepted or refused before the next is asked for`,
      );
  }

  async function answer(record: IncomingRecord): Promise<Received | null> {
    const request = decoded(record);
    const requestId = 'requestId' in request ? request.requestId : '';
    const before = book.of(requestId);
    if (before.some(({ source }) => isAt(record, source))) return null; // read again: it was answered
    if (!('requestId' in request)) {
      if (record.key?.toString() === beamline)
        await acknowledge(record, '', { status: 'REFUSED', ...request });
      else
        onWarning(
          `Passed over offset ${record.offset} of ${record.topic}/${record.partition}: ${request.detail}`,
        );
      return null;
    }
    if (request.beamline !== beamline) return null;
    const refusal = requestId !== '' && before.length > 0 ? duplicate(before) : refusalOf(request, options);
    if (refusal !== null) {
      await acknowledge(record, requestId, refusal);
      return null;
    }
    const say = async (said: Said, after: Status | null): Promise<void> => {
      const now = statusOf(requestId);
      if (now !== after)
        throw new ClientError(
          `Expected request ${requestId} to be ${after ?? 'unanswered'}, it is ${now ?? 'unanswered'}`,
        );
      await acknowledge(record, requestId, said);
    };
    return {
      request: request as CheckedRequest,
      accept: (detail = '') => say({ status: 'ACCEPTED', reason: 'ok', detail }, null),
      refuse: (reason, detail) => say({ status: 'REFUSED', reason, detail }, null),
      done: ({ scanIds = [], detail = '' } = {}) =>
        say({ status: 'DONE', reason: 'ok', detail, scanIds }, 'ACCEPTED'),
      fail: (detail) => say({ status: 'FAILED', reason: 'failed', detail }, 'ACCEPTED'),
    };
  }

  return { answer, expectAnswer };
}

const MOST_DETAIL = 1000;

type Said = Pick<Acknowledgement, 'status'> & { readonly reason: AcknowledgementReason } & Partial<
    Pick<Acknowledgement, 'detail' | 'earlier' | 'scanIds'>
  >;

function decoded({
  value,
  headers,
}: IncomingRecord): Request | { reason: AcknowledgementReason; detail: string } {
  try {
    return REQUEST.decode(value, headers);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const reason = error instanceof UnknownSchema ? 'unknown-schema' : 'malformed-request';
    return { reason, detail: error.message };
  }
}

function refusalOf(request: Request, { kinds, replay = false }: AnswerOptions): Said | null {
  const refused = (reason: AcknowledgementReason, detail: string): Said => ({
    status: 'REFUSED',
    reason,
    detail,
  });
  const { kind, origin, validUntil } = request;
  const wrong = REQUEST.breachOf(request);
  if (wrong !== null) return refused('malformed-request', wrong);
  if (validUntil <= Date.now())
    return {
      status: 'EXPIRED',
      reason: 'expired',
      detail: `It was valid until ${new Date(validUntil).toISOString()}`,
    };
  if (!isKnownKind(kind)) return refused('unknown-kind', `Expected one of ${kinds.join(', ')}, got ${kind}`);
  const contrary = contradiction(request);
  if (contrary !== null) return refused('malformed-request', contrary);
  if (!kinds.includes(kind))
    return refused('not-allowed', `Expected one of ${kinds.join(', ')}, got ${kind}`);
  if (origin === 'REPLAY' && !replay)
    return refused('replayed', 'It was asked because of a recording or a simulation');
  return null;
}

function duplicate(before: readonly Acknowledgement[]): Said {
  const last = before.findLast(isEnd) ?? before.findLast(isNoDuplicate) ?? before[0]!;
  const earlier = last.status === 'DUPLICATE' ? last.earlier : last.status;
  return {
    status: 'DUPLICATE',
    reason: 'duplicate',
    detail: `A request with this id is ${earlier}`,
    earlier,
  };
}

const isNoDuplicate = ({ status }: Acknowledgement): boolean => status !== 'DUPLICATE';

const isAt = (record: IncomingRecord, { topic, partition, offset }: Acknowledgement['source']): boolean =>
  record.topic === topic && record.partition === partition && record.offset === offset;
