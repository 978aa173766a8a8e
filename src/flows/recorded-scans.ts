import type { Clock } from '../common/clock.ts';
import { FatalError } from '../common/errors.ts';
import { toldSchemas } from '../knowledge/chain-knowledge.ts';
import { followSchemas } from '../knowledge/follow-schemas.ts';
import type { SourceRecord } from '../messages/record.ts';
import { isReject, type Reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import type { Logger } from '../runtime/telemetry.ts';
import type { SchemaRegistry } from '../schema-registry/schema-registry.ts';
import { splitSweeps } from '../spectra/split-sweeps.ts';
import { decodeScan } from '../wire/scan-codec.ts';

/** Reads records of the scans topic as processors do: also in Confluent's frame, and each sweep of one by itself. */
export type RecordedScans = {
  /**
   * The scans of each record, or why it has none.
   * @throws FatalError where a schema is needed of a registry that is away
   */
  of(records: readonly SourceRecord[]): Promise<readonly (readonly Scan[] | Reject)[]>;
  close(): void;
};

export function recordedScans(options: {
  /** Null: without one only plain Avro, JSON and frames that name a schema of ours are read. */
  readonly registry: SchemaRegistry | null;
  readonly waitMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}): RecordedScans {
  const { registry, waitMs, clock, logger } = options;
  const told = toldSchemas();
  const schemas = followSchemas({
    ...{ registry, waitMs, clock, logger },
    onChange: (change) => told.learn(change),
    onFailure: () => {},
  });
  return {
    async of(records) {
      const unread = await schemas.settle(records);
      return records.map((record) => {
        const because = unread.get(record);
        if (because?.reason === 'schema-registry-away')
          throw new FatalError(`${because.detail}; the same call goes on from here`);
        if (because !== undefined) return because;
        const scan = decodeScan(record, registry && told);
        return isReject(scan) ? scan : splitSweeps(scan);
      });
    },
    close: () => schemas.close(),
  };
}
