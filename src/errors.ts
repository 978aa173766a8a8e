/**
 * The world is broken in a way that going on would only hide: a missing right, a wrong configuration, a model that
 * does not load. Bad data is never an exception here, it is a `Reject`.
 */
export class FatalError extends Error {
  override readonly name = 'FatalError';
}

/** Whether an error must end the process with a non-zero code, so that its supervisor restarts it. */
export function isFatal(error: unknown): boolean {
  // kafkajs wraps what the broker answered once or twice when it gives up.
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e instanceof FatalError || e.name === 'KafkaJSSASLAuthenticationError') return true;
    const { type } = e as { type?: unknown };
    if (typeof type === 'string' && FATAL_KAFKA_ERRORS.has(type)) return true;
  }
  return false;
}

/** Broker's answers that no retry mends: rights and topics that someone must set up. */
const FATAL_KAFKA_ERRORS: ReadonlySet<string> = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_VERSION',
]);
