import type { CommittedBatch } from '../consumers/committed-reader.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { Projected, ProjectedKind, ProjectionRecords } from '../producers/redis-projection.ts';
import { decodeAccumulation } from '../wire/accumulation-codec.ts';
import { decodeAnnotation } from '../wire/annotation-codec.ts';
import { decodeChangePoint } from '../wire/change-point-codec.ts';
import { decodeDeadLetter } from '../wire/dead-letter-codec.ts';
import { decodeDescriptors, newestDescriptors } from '../wire/descriptors-codec.ts';
import { decodeAcknowledgement, decodeRequest } from '../wire/request-codec.ts';
import { decodeRun } from '../wire/run-codec.ts';

/** Records of one script call: Redis serves nobody else meanwhile, some 0.1 ms a record. */
const RECORDS_A_CALL = 100;

const DECODE: {
  readonly [K in ProjectedKind]: (bytes: Buffer, headers: SourceRecord['headers']) => Projected[K];
} = {
  scan: eventOf,
  'dead-letter': decodeDeadLetter,
  run: decodeRun,
  change: decodeChangePoint,
  annotation: decodeAnnotation,
  request: decodeRequest,
  acknowledgement: decodeAcknowledgement,
  accumulation: decodeAccumulation,
};

/**
 * A fetched batch in parts of at most 100 records, decoded. Records that do not decode are passed over: the last part
 * ends where the batch ends, with or without records in it.
 * @param onUndecodable told of each of those
 */
export function* projectionRecords(
  {
    topic,
    partition,
    records,
    nextOffset,
  }: Pick<CommittedBatch, 'topic' | 'partition' | 'records' | 'nextOffset'>,
  kind: ProjectedKind,
  onUndecodable: (offset: bigint, error: unknown) => void,
): Generator<ProjectionRecords> {
  for (let start = 0; start < records.length; start += RECORDS_A_CALL) {
    const part = records.slice(start, start + RECORDS_A_CALL);
    const isLast = start + RECORDS_A_CALL >= records.length;
    const messages = part.flatMap(({ value, headers, offset }) => {
      try {
        return [DECODE[kind](value ?? Buffer.alloc(0), headers)];
      } catch (error) {
        onUndecodable(offset, error);
        return [];
      }
    });
    const to = isLast ? nextOffset : part.at(-1)!.offset + 1n;
    // The messages are of this kind, which the compiler cannot follow.
    yield { topic, partition, to, kind, messages } as ProjectionRecords;
  }
}

function eventOf(bytes: Buffer, headers: SourceRecord['headers']): Projected['scan'] {
  const event = decodeDescriptors(bytes, headers);
  return { event, bytes: newestDescriptors(event, bytes, headers) };
}
