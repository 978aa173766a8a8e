import type { AcknowledgementRow, RequestRow } from '../../../protocol/events.ts';
import type { State } from './store.ts';

/** What has become of a request; unanswered: nobody has answered while it could be carried out. */
export type Standing = 'open' | 'unanswered' | Lowercase<AcknowledgementRow['status']>;

export type Asked = {
  readonly request: RequestRow;
  /** What was last said to it; null: nothing. */
  readonly said: AcknowledgementRow | null;
  readonly standing: Standing;
};

/** What was asked of beamlines, and what has become of it by `nowMs`; latest first. */
export function askedOf(
  { requests, acknowledgements }: Pick<State, 'requests' | 'acknowledgements'>,
  nowMs: number,
): readonly Asked[] {
  return requests
    .map((request) => {
      const said = acknowledgements.get(request.requestId) ?? null;
      const unsaid = request.validUntil > nowMs ? 'open' : 'unanswered';
      return { request, said, standing: said === null ? unsaid : (said.status.toLowerCase() as Standing) };
    })
    .sort((a, b) => b.request.askedAt - a.request.askedAt);
}

/**
 * By when it was asked, not by when the projection wrote it, which may read the requests of a month anew; but nothing
 * is asked later than it is written, whatever a clock says.
 */
export const askedSince = ({ askedAt, projectedAt }: RequestRow, sinceMs: number): boolean =>
  Math.min(askedAt, projectedAt) > sinceMs;

/** Something is still to become of it. */
export const isUnderWay = ({ standing }: Asked): boolean => standing === 'open' || standing === 'accepted';

/** The latest request about the chosen sample, and the picked run where one is picked; undefined: there is none. */
export const lastAskedOf = (state: State, nowMs: number): Asked | undefined =>
  askedOf(state, nowMs).find(
    ({ request: { sampleId, runId } }) =>
      sampleId !== null &&
      sampleId === state.choice.sampleId &&
      (runId === null || state.choice.runId === null || runId === state.choice.runId),
  );
