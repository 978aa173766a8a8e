import type { CommittedBatch } from '../consumers/committed-reader.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { ProjectionRecords } from '../producers/redis-projection.ts';
import { decodeAnnotation } from '../wire/annotation-codec.ts';
import { decodeChangePoint } from '../wire/change-point-codec.ts';
import { decodeDeadLetter } from '../wire/dead-letter-codec.ts';
import { decodeDescriptors, newestDescriptors } from '../wire/descriptors-codec.ts';
import type { WireDescriptors } from '../wire/generated.ts';
import { decodeRun } from '../wire/run-codec.ts';

/** Records of one script call: Redis serves nobody else meanwhile, some 0.1 ms a record. */
const RECORDS_A_CALL = 100;

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
  kind: ProjectionRecords['kind'],
  onUndecodable: (offset: bigint, error: unknown) => void,
): Generator<ProjectionRecords> {
  for (let start = 0; start < records.length; start += RECORDS_A_CALL) {
    const part = records.slice(start, start + RECORDS_A_CALL);
    const isLast = start + RECORDS_A_CALL >= records.length;
    const decoded = <Decoded>(
      decode: (bytes: Buffer, headers: SourceRecord['headers']) => Decoded,
    ): Decoded[] =>
      part.flatMap(({ value, headers, offset }) => {
        try {
          return [decode(value ?? Buffer.alloc(0), headers)];
        } catch (error) {
          onUndecodable(offset, error);
          return [];
        }
      });
    const at = { topic, partition, to: isLast ? nextOffset : part.at(-1)!.offset + 1n };
    if (kind === 'scan') yield { ...at, kind, events: decoded(eventOf) };
    else if (kind === 'run') yield { ...at, kind, runs: decoded(decodeRun) };
    else if (kind === 'change') yield { ...at, kind, changes: decoded(decodeChangePoint) };
    else if (kind === 'annotation') yield { ...at, kind, annotations: decoded(decodeAnnotation) };
    else yield { ...at, kind, deadLetters: decoded(decodeDeadLetter) };
  }
}

function eventOf(bytes: Buffer, headers: SourceRecord['headers']): { event: WireDescriptors; bytes: Buffer } {
  const event = decodeDescriptors(bytes, headers);
  return { event, bytes: newestDescriptors(event, bytes, headers) };
}
