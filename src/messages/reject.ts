/**
 * Why a record or scan could not become descriptors. A reject is a value, not an exception: it travels through the
 * rest of the pipeline and ends in the dead-letter topic, while the stream goes on.
 */
export const REJECT_REASONS = {
  'empty-record': 'the record has no value',
  'not-unpacked':
    'the compressed batch that the record came in is too large when unpacked, or does not unpack',
  'unknown-content-type': 'the content-type header names a format this consumer does not read',
  'unknown-schema': 'the schema headers name a schema or fingerprint this consumer does not know',
  'schema-registry-away': 'the schema registry did not say in time what schema the record was written with',
  'malformed-avro': 'the bytes do not decode with the schema of the topic',
  'field-too-long': 'an id, the key or the metadata are longer than the schema allows',
  'time-out-of-range': 'the start or the end of the scan lies before 1970 or after 2100',
  'malformed-xdi': 'the file does not read as XDI',
  'malformed-file': 'the file does not read as columns of numbers, or does not say what it measured',
  'malformed-json': 'the record or line does not read as a scan in JSON',
  'malformed-standard': 'a standard contradicts itself, or lacks what is known of it',
  'malformed-document': 'the bytes are no Bluesky document',
  'unmapped-run': 'a Bluesky run lacks what the mapping makes scans of',
  'missing-documents': 'documents that a Bluesky run needs, or that its stop counts, did not come',
  'missing-channel': 'a channel that the mode needs is absent',
  'length-mismatch': 'a channel has another length than the energies',
  'too-few-points': 'there are too few points to normalise',
  'too-many-points': 'there are more points than a XANES scan can have',
  'non-finite': 'an energy, a channel or mu over its edge step holds NaN, infinity or an overflow value',
  'energy-out-of-range': 'an energy is one that no monochromator reaches',
  'unsorted-energies': 'energies have no order',
  'non-positive-intensity': 'an intensity that must be positive is zero or negative',
  'saturated-channel': 'a channel stands at its ceiling for a run of points',
  'dead-channel': 'a channel does not vary',
  'unknown-element': 'the model was not trained for this element',
  'unknown-edge': 'the model was not trained for this edge',
  'unknown-energy-scale': 'the energy.scale metadata names a scale the model has no shift for',
  'edge-not-found': 'no absorption edge where the element has one',
  'inverted-edge': 'mu falls at the edge',
  'edge-step-too-small': 'the edge step does not stand out of the noise',
  'grid-not-covered': "the scan does not cover the model's energy grid",
  'prediction-failed': 'the model could not evaluate this scan',
  'not-publishable': 'the outcome of this record could not be published, while those around it could',
  'stage-failed': 'a stage failed on this scan in a way that nobody foresaw: a bug worth a report',
  'result-too-large': 'what was made of the record is larger than its topic takes',
} as const;

export type RejectReason = keyof typeof REJECT_REASONS;

export type Reject = {
  readonly kind: 'reject';
  readonly reason: RejectReason;
  /** One sentence for a person: names the field, what was expected, what was got. */
  readonly detail: string;
};

/** A detail may quote text from the wire, and goes into logs and screens: it is cut at this length. */
const MAX_DETAIL = 600;

export const reject = (reason: RejectReason, detail: string): Reject => ({
  kind: 'reject',
  reason,
  detail: detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL)}…` : detail,
});

export const isReject = (value: unknown): value is Reject =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'reject';
