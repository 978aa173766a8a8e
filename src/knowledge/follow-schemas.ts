import type { Clock } from '../common/clock.ts';
import { FatalError } from '../common/errors.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { Reject } from '../messages/reject.ts';
import type { SchemaIds } from '../producers/outcome-record.ts';
import type { Config } from '../runtime/config.ts';
import type { Health, Logger } from '../runtime/telemetry.ts';
import { knownSchemas } from '../schema-registry/known-schemas.ts';
import { RegistryRefusal, type SchemaRegistry, schemaRegistry } from '../schema-registry/schema-registry.ts';
import { DEAD_LETTER_SCHEMA } from '../wire/dead-letter-codec.ts';
import { DESCRIPTORS_SCHEMA } from '../wire/descriptors-codec.ts';
import { SCAN_SCHEMA } from '../wire/scan-codec.ts';
import type { Knowledge } from './chain-knowledge.ts';

/** The schemas that scans name by an id, of a registry. */
export type Schemas = {
  /** Before a batch is computed: answers with the records whose schema is not to be had, and why. */
  settle(records: readonly SourceRecord[]): Promise<ReadonlyMap<SourceRecord, Reject>>;
  readiness(): Health;
};

type FollowedSchemas = Schemas & {
  /** All that `onChange` was told, for who begins to compute only now. */
  told(): readonly Knowledge[];
  close(): void;
};

const NO_SCHEMAS: FollowedSchemas = {
  settle: async () => new Map(),
  readiness: () => ({ ok: true, detail: {} }),
  told: () => [],
  close: () => {},
};

/** The registry that the configuration names; null: none. */
export function registryOf(config: Config): SchemaRegistry | null {
  const { SCHEMA_REGISTRY_URL: url, SCHEMA_REGISTRY_USERNAME: username } = config;
  return url === undefined
    ? null
    : schemaRegistry({ url, username, password: config.SCHEMA_REGISTRY_PASSWORD });
}

/** The schemas that scans name by an id; without a registry there are none. */
export function followSchemas(options: {
  readonly registry: SchemaRegistry | null;
  readonly waitMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What changes, in its order. */
  readonly onChange: (change: Knowledge) => void;
  readonly onFailure: () => void;
}): FollowedSchemas {
  const { registry, waitMs, clock, logger, onChange, onFailure } = options;
  if (registry === null) return NO_SCHEMAS;
  const schemas = knownSchemas({
    ...{ registry, waitMs, nowMs: clock.nowMs, sleep: clock.sleep },
    onSchema(id, schema) {
      logger.info({ id }, 'a schema of the registry');
      onChange({ kind: 'schema', id, schema });
    },
    onFailure(error) {
      logger.warn({ err: error }, 'the schema registry does not answer');
      onFailure();
    },
  });
  return {
    settle: schemas.settle,
    readiness() {
      const because = schemas.away();
      const reason = `the schema registry does not answer: ${because}`;
      return because === null ? { ok: true, detail: {} } : { ok: false, detail: { reason } };
    },
    told: () => [...schemas.all()].map(([id, schema]) => ({ kind: 'schema', id, schema })),
    close: schemas.close,
  };
}

/** A registry that starts together with this service is waited for. */
const REACHED_WITHIN_MS = 15_000;
const RETRY_AFTER_MS = 500;

/**
 * The ids of the schemas that topics are written with, where the configuration says so. A subject is named after its
 * topic, `TOPIC-value`.
 * @throws FatalError where the registry refuses a schema or does not answer in time
 */
export async function registerSchemas(
  registry: SchemaRegistry | null,
  config: Config,
  clock: Clock,
): Promise<SchemaIds> {
  const ids = new Map<string, number>();
  if (registry === null) return ids;
  const outputs = {
    scans: [config.TOPIC_SCANS, SCAN_SCHEMA],
    descriptors: [config.TOPIC_DESCRIPTORS, DESCRIPTORS_SCHEMA],
    'dead-letters': [config.TOPIC_DEAD_LETTERS, DEAD_LETTER_SCHEMA],
  } as const;
  const untilMs = clock.nowMs() + REACHED_WITHIN_MS;
  for (const output of config.SCHEMA_REGISTRY_WRITE) {
    const [topic, schema] = outputs[output];
    ids.set(topic, await idOf(registry, `${topic}-value`, schema, untilMs, clock));
  }
  return ids;
}

async function idOf(
  registry: SchemaRegistry,
  subject: string,
  schema: string,
  untilMs: number,
  clock: Clock,
): Promise<number> {
  for (;;) {
    try {
      return await registry.idOf(subject, schema);
    } catch (error) {
      const { message } = error as Error;
      if (error instanceof RegistryRefusal || clock.nowMs() >= untilMs)
        throw new FatalError(`Expected the schema registry to give an id for ${subject}, got ${message}`);
      await clock.sleep(RETRY_AFTER_MS);
    }
  }
}
