import { type Reject, reject } from '../messages/reject.ts';

/**
 * A registry that speaks Confluent's API:
 * https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
export type SchemaRegistry = {
  /** The Avro schema of that id, or why there is none. Rejects with an error while the registry is away. */
  schemaOf(id: number): Promise<string | Reject>;
  /** The id of a schema in a subject, where it is registered when it is not there yet. @throws RegistryRefusal */
  idOf(subject: string, schema: string): Promise<number>;
};

/** What the registry answered to what it will not do; no retry mends it. */
export class RegistryRefusal extends Error {
  override readonly name = 'RegistryRefusal';
}

export type SchemaRegistryOptions = {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** One request takes at most so long. */
  readonly timeoutMs?: number;
};

/** A schema of a megabyte is none. */
const MOST_BYTES = 1024 * 1024;
const JSON_TYPE = 'application/vnd.schemaregistry.v1+json';

type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

export function schemaRegistry(options: SchemaRegistryOptions): SchemaRegistry {
  const { url, username, password, timeoutMs = 5_000 } = options;
  const login = username && `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
  const headers = { accept: JSON_TYPE, 'content-type': JSON_TYPE, ...(login && { authorization: login }) };

  async function ask(path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: Error) => {
      throw new Error(`no answer: ${(error.cause as Error | undefined)?.message ?? error.message}`);
    });
    return { status: response.status, body: objectIn(await textOf(response), response.status) };
  }

  return {
    async schemaOf(id) {
      const { status, body } = await ask(`/schemas/ids/${id}`);
      if (status === 404) return refused(id, 'to be in the registry, which does not know it');
      if (status !== 200) throw new Error(`status ${status}: ${String(body.message ?? '')}`);
      const { schema, schemaType = 'AVRO', references = [] } = body;
      if (schemaType !== 'AVRO') return refused(id, `to be Avro, got ${String(schemaType)}`);
      if (Array.isArray(references) && references.length > 0)
        return refused(id, `to stand by itself, got references to ${references.length} others`);
      if (typeof schema !== 'string') throw new Error(`status 200 without a schema for id ${id}`);
      return schema;
    },

    async idOf(subject, schema) {
      const path = `/subjects/${encodeURIComponent(subject)}`;
      const found = await ask(path, { schema });
      const { status, body } = found.status === 404 ? await ask(`${path}/versions`, { schema }) : found;
      if (status >= 400 && status < 500)
        throw new RegistryRefusal(`status ${status} for subject ${subject}: ${String(body.message ?? '')}`);
      const { id } = body;
      if (status !== 200 || !Number.isInteger(id))
        throw new Error(`status ${status} without an id for ${subject}`);
      return id as number;
    },
  };
}

const refused = (id: number, what: string): Reject =>
  reject('unknown-schema', `Expected schema ${id} ${what}`);

/** The text of an answer, as long as it is bounded. */
async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > MOST_BYTES) throw new Error(`an answer of more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** An answer that is no JSON object is a proxy's, or of something that is no registry: as if there were none. */
function objectIn(text: string, status: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new Error(`status ${status} and no JSON object: is this the address of a registry's API?`);
}
