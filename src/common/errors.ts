/**
 * The world is broken in a way that going on would only hide: a missing right, a wrong configuration, a model that
 * does not load. Bad data is never an exception here, it is a `Reject`.
 */
export class FatalError extends Error {
  override readonly name = 'FatalError';
}

/** What the broker answered, such as GROUP_AUTHORIZATION_FAILED, where an error of the client rests on an answer. */
export function kafkaErrorType(error: unknown): string | undefined {
  // kafkajs wraps what the broker answered once or twice when it gives up.
  for (let e = error; e instanceof Error; e = e.cause) {
    const { type } = e as { type?: unknown };
    if (typeof type === 'string') return type;
    if (e.name === 'KafkaJSSASLAuthenticationError') return 'SASL_AUTHENTICATION_FAILED';
  }
  return undefined;
}

/** Whether an error must end the process with a non-zero code, so that its supervisor restarts it. */
export function isFatal(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e instanceof FatalError) return true;
  }
  return Object.hasOwn(FATAL_KAFKA_ERRORS, kafkaErrorType(error) ?? '');
}

/** What ends a process, in one sentence; the error's own message where that says enough. */
export function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const type = kafkaErrorType(error);
  const sentence = type === undefined ? undefined : FATAL_KAFKA_ERRORS[type];
  return sentence === undefined ? message : `${sentence}, got ${type}: ${message}`;
}

/** Broker's answers that no retry mends: rights, topics and settings that someone must set up. */
const FATAL_KAFKA_ERRORS: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED: 'Expected this user to have rights to the topics: read or write, and describe',
  GROUP_AUTHORIZATION_FAILED: 'Expected this user to have the right to read its consumer group, KAFKA_GROUP',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    'Expected this user to have the rights to write and describe the transactional ids KAFKA_GROUP-TOPIC_SCANS-*',
  CLUSTER_AUTHORIZATION_FAILED: 'Expected this user to have the right that the broker names',
  UNSUPPORTED_SASL_MECHANISM: 'Expected the broker to know KAFKA_SASL_MECHANISM',
  SASL_AUTHENTICATION_FAILED: 'Expected the broker to accept KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD',
  UNSUPPORTED_VERSION: 'Expected a broker of Kafka 4',
  INVALID_TRANSACTION_TIMEOUT: 'Expected transaction.max.timeout.ms of the broker to be at least 60000',
  INCONSISTENT_GROUP_PROTOCOL:
    'Expected the consumer group, KAFKA_GROUP, to have members of this program alone; another client uses its name',
};
