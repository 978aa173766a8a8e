import { expect, test } from '@jest/globals';
import kafkajs from 'kafkajs';
import { FatalError, isFatal } from '../../src/common/errors.ts';

const {
  KafkaJSConnectionError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
} = kafkajs;

/** What kafkajs throws when the broker answers so. */
const answer = (type: string, code: number) => {
  const error = Object.assign(new Error(type), { type, code, retriable: false });
  return new KafkaJSProtocolError(error as never);
};
/** As its retrier wraps it; the types know only the first argument. */
const wrapped = (cause: Error) =>
  new (KafkaJSNonRetriableError as new (e: Error, options: { cause: Error }) => Error)(cause, { cause });
const denied = answer('TOPIC_AUTHORIZATION_FAILED', 29);
const loading = answer('COORDINATOR_LOAD_IN_PROGRESS', 14);

test.each([
  ['our own', new FatalError('x'), true],
  ['our own within another', new Error('x', { cause: new FatalError('y') }), true],
  ['a missing right', denied, true],
  ['a missing right, wrapped when kafkajs gives up', wrapped(denied), true],
  [
    'a missing right, wrapped after the last retry',
    new KafkaJSNumberOfRetriesExceeded(denied, { retryCount: 1, retryTime: 1 }),
    true,
  ],
  ['a broker that is loading', loading, false],
  ['a broker that is loading for too long', wrapped(loading), false],
  ['a record that is too large', answer('MESSAGE_TOO_LARGE', 10), false],
  ['a lost connection', new KafkaJSConnectionError('x'), false],
  ['any other error', new TypeError('x'), false],
  ['no error at all', undefined, false],
  ['a text', 'TOPIC_AUTHORIZATION_FAILED', false],
])('%s', (_, error, fatal) => {
  expect(isFatal(error)).toBe(fatal);
});
