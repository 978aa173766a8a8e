import { describe, expect, test } from '@jest/globals';
import { askedOf, askedSince } from '../../../dashboard/client/src/state/asked.ts';
import { repeatsWords } from '../../../dashboard/client/src/words/repeats-words.ts';
import { acknowledgementReason, wantedWords } from '../../../dashboard/client/src/words/request-words.ts';
import {
  accumulationRow,
  acknowledgementRow,
  requestRow,
} from '../../../src/producers/redis-projection-row.ts';
import { fieldOf } from '../../docs/schemas.ts';
import {
  fixtureAccumulation,
  fixtureAcknowledgement,
  fixtureEvent,
  fixtureRequest,
} from '../fixture-events.ts';

const NOW = Date.UTC(2026, 10, 28, 12);
const event = fixtureEvent(0, { endedAt: NOW - 1000 });
const codesOf = (schema: string, field: string, list: 'kinds' | 'codes') =>
  Object.keys(fieldOf(schema, field)[list] ?? {});

describe('words', () => {
  test.each(codesOf('acknowledgement', 'reason', 'codes').filter((code) => code !== 'ok'))(
    'an answer for the reason %s has some',
    (code) => expect(acknowledgementReason(code)).not.toBe(code),
  );

  const plain = new Set(['stop', 'pause']); // words as they are
  test.each(codesOf('request', 'kind', 'kinds').filter((kind) => !plain.has(kind)))('so has %s', (kind) => {
    const wanted = { kind, scans: 2, fromEv: 1, toEv: 2, text: 'a', standard: null };
    expect(wantedWords(requestRow(fixtureRequest(event, wanted), NOW))).not.toBe(kind);
  });

  test.each([
    [{ repeatsNeeded: null }, 'Repeats: 3 scans averaged so far.'],
    [{ members: ['a'], repeatsNeeded: 4 }, 'Repeats: 1 scan averaged, 4 more needed.'],
    [{ status: 'STOPPED', reason: 'new-code' }, /^Repeats: stopped at .* no accepted mean: new-code\.$/],
  ] as const)('repeats that are %p', (options, words) => {
    const row = accumulationRow(fixtureAccumulation(event, options as object), NOW);
    expect(repeatsWords([row], NOW)).toEqual(
      typeof words === 'string' ? words : expect.stringMatching(words),
    );
  });
});

test('it is asked when it says, and never later than it was written', () => {
  const since = (askedAt: number) =>
    askedSince(requestRow(fixtureRequest(event, { askedAt }), NOW), NOW - 60_000);
  expect([NOW - 3_600_000, NOW - 1000].map(since)).toEqual([false, true]);
  const wild = requestRow(fixtureRequest(event, { askedAt: Date.UTC(2100, 0) }), NOW);
  expect([NOW - 1, NOW].map((since) => askedSince(wild, since))).toEqual([true, false]);
});

test('what was asked stands latest first with what was last said, and unanswered only when its time is up', () => {
  const row = (requestId: string, askedAt: number) =>
    requestRow(fixtureRequest(event, { requestId, askedAt, validUntil: askedAt + 60_000 }), NOW);
  const requests = [row('old', NOW - 90_000), row('done', NOW - 80_000), row('new', NOW - 10_000)];
  const done = acknowledgementRow(fixtureAcknowledgement(fixtureRequest(event), 'DONE'), NOW)!;
  const acknowledgements = new Map([['done', done]]);
  const standings = (nowMs: number) =>
    askedOf({ requests, acknowledgements }, nowMs).map(({ request, standing }) => [
      request.requestId,
      standing,
    ]);
  expect(standings(NOW)).toEqual([
    ['new', 'open'],
    ['done', 'done'],
    ['old', 'unanswered'],
  ]);
  expect(standings(NOW + 50_000)[0]).toEqual(['new', 'unanswered']);
});
