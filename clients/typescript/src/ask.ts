import { randomUUID } from 'node:crypto';
import type { Producer } from 'kafkajs';
import type { AcknowledgementBook } from './acknowledgements.ts';
import { ClientError } from './errors.ts';
import type { Acknowledgement, Descriptors, Request } from './generated.ts';
import { contradiction, REQUEST } from './messages.ts';

/** What may be asked for, each kind with the fields that it needs. */
export type Wanted =
  | { readonly kind: 'more-scans'; readonly scans: number }
  | { readonly kind: 'rescan' | 'stop' | 'pause' }
  | { readonly kind: 'next-energy-range'; readonly fromEv: number; readonly toEv: number }
  | { readonly kind: 'annotate'; readonly text: string }
  | { readonly kind: 'set-standard'; readonly standard: NonNullable<Request['standard']> };

/** What a request is about; `about` takes it from events. */
export type Subject = Pick<Request, 'beamline'> &
  Partial<Pick<Request, 'runId' | 'sampleId' | 'element' | 'edge' | 'scanIds' | 'origin'>>;

export type NewRequest = Wanted &
  Subject & {
    /** A sentence for people. */
    readonly why: string;
    /** The same request published again is carried out once: derive it from the scan [a new one]. */
    readonly requestId?: string;
    /** Afterwards nobody carries it out [60,000]. */
    readonly validForMs?: number;
  };

export type Asked = {
  readonly request: Request;
  /** ACCEPTED, REFUSED, EXPIRED or DUPLICATE; null when nobody has answered by then [when it expires, and 5 s]. */
  answer(options?: { readonly withinMs?: number }): Promise<Acknowledgement | null>;
  /** The last word: DONE, FAILED, REFUSED or EXPIRED, also of a former record of the same id; null: none by then. */
  end(options: { readonly withinMs: number }): Promise<Acknowledgement | null>;
};

const VALID_FOR_MS = 60_000;
const ANSWER_AFTER_MS = 5000;
const ENDS: ReadonlySet<Acknowledgement['status']> = new Set(['DONE', 'FAILED', 'REFUSED', 'EXPIRED']);

/** Whether nothing more becomes of a request. */
export const isEnd = ({ status, earlier }: Pick<Acknowledgement, 'status' | 'earlier'>): boolean =>
  ENDS.has(status === 'DUPLICATE' ? (earlier ?? status) : status);

/** What events are about, to be spread into a request that they made: the newest says of which sample. */
export function about(events: readonly Descriptors[]): Required<Subject> {
  const newest = events.at(-1);
  if (newest === undefined)
    throw new ClientError('Expected at least one event that a request is about, got none');
  const { beamline, runId, sampleId, element, edge } = newest;
  const origin = events.some((event) => event.origin === 'REPLAY') ? 'REPLAY' : 'LIVE';
  return { beamline, runId, sampleId, element, edge, origin, scanIds: events.map(({ scanId }) => scanId) };
}

/** A request with its defaults. Throws a ClientError where it contradicts itself. */
export function wholeRequest(wanted: NewRequest, askedBy: string, nowMs: number): Request {
  const { requestId = randomUUID(), validForMs = VALID_FOR_MS, ...rest } = wanted;
  const request: Request = {
    ...{ runId: null, sampleId: null, element: null, edge: null, scanIds: [], origin: 'LIVE' },
    ...{ scans: null, fromEv: null, toEv: null, text: null, standard: null },
    ...rest,
    ...{ requestId, askedBy, askedAt: nowMs, validUntil: Math.round(nowMs + validForMs) },
  };
  const wrong = contradiction(request);
  if (wrong !== null) throw new ClientError(wrong);
  return request;
}

export async function publishRequest(
  request: Request,
  {
    producer,
    topic,
    book,
  }: { readonly producer: Producer; readonly topic: string; readonly book: AcknowledgementBook },
): Promise<Asked> {
  const { requestId, beamline, validUntil } = request;
  const message = { key: beamline, ...REQUEST.encode(request) };
  await producer.send({ topic, acks: -1, messages: [message] });
  return {
    request,
    answer({ withinMs } = {}) {
      const untilMs = withinMs === undefined ? validUntil + ANSWER_AFTER_MS : Date.now() + withinMs;
      return book.first(requestId, () => true, untilMs);
    },
    end: ({ withinMs }) => book.first(requestId, isEnd, Date.now() + withinMs),
  };
}
