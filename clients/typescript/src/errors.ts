/** What whoever calls can mend, in one sentence: what was expected, and what was got. */
export class ClientError extends Error {
  override readonly name: string = 'ClientError';
}

/** The headers of a record name a schema that this package does not have. */
export class UnknownSchema extends ClientError {
  override readonly name = 'UnknownSchema';
}
