import { stringify } from 'yaml';
import { VERDICT_REASONS } from '../src/messages/judgement.ts';
import { REJECT_REASONS } from '../src/messages/reject.ts';
import { type Config, readConfig } from '../src/runtime/config.ts';
import { CONFLUENT_CONTENT_TYPE } from '../src/wire/confluent-frame.ts';
import { JSON_CONTENT_TYPE } from '../src/wire/decode-json-record.ts';
import {
  CONTENT_TYPE,
  HEADER_CONTENT_TYPE,
  HEADER_FINGERPRINT,
  HEADER_SCHEMA,
} from '../src/wire/wire-type.ts';
import type { RecordSchema } from './derive-wire-types.ts';

type Channel = {
  /** Schema file without `.v1.avsc`; null: not ours. */
  readonly message: string | null;
  readonly setting: keyof Config & `TOPIC_${string}`;
  readonly key: string;
  /** What the services of this project do with it, or agents and beamlines where these do not. */
  readonly does: readonly ('send' | 'receive')[];
};

const CHANNELS: Readonly<Record<string, Channel>> = {
  scans: { message: 'scan', setting: 'TOPIC_SCANS', key: 'Sample id.', does: ['receive'] },
  descriptors: {
    message: 'descriptors',
    setting: 'TOPIC_DESCRIPTORS',
    key: "The scan record's.",
    does: ['send'],
  },
  deadLetters: {
    message: 'dead-letter',
    setting: 'TOPIC_DEAD_LETTERS',
    key: "The refused record's.",
    does: ['send'],
  },
  runs: { message: 'run', setting: 'TOPIC_RUNS', key: 'Run id.', does: ['send', 'receive'] },
  requests: { message: 'request', setting: 'TOPIC_REQUESTS', key: 'Beamline.', does: [] },
  acknowledgements: {
    message: 'acknowledgement',
    setting: 'TOPIC_ACKNOWLEDGEMENTS',
    key: "The request's.",
    does: [],
  },
  standards: { message: 'standard', setting: 'TOPIC_STANDARDS', key: 'Standard id.', does: ['receive'] },
  runReferences: {
    ...{
      message: 'run-reference',
      setting: 'TOPIC_RUN_REFERENCES',
      key: 'JSON of run, sample, element and edge.',
    },
    does: ['send', 'receive'],
  },
  changes: { message: 'change', setting: 'TOPIC_CHANGES', key: 'Sample id.', does: ['send'] },
  sampleWatches: {
    message: 'sample-watch',
    setting: 'TOPIC_SAMPLE_WATCHES',
    key: 'JSON of run, sample, element and edge.',
    does: ['send', 'receive'],
  },
  annotations: {
    message: 'annotation',
    setting: 'TOPIC_ANNOTATIONS',
    key: 'Sample id.',
    does: ['send', 'receive'],
  },
  accumulations: {
    message: 'accumulation',
    setting: 'TOPIC_ACCUMULATIONS',
    key: 'Sample id.',
    does: ['send'],
  },
  accumulationStates: {
    message: 'accumulation-state',
    setting: 'TOPIC_ACCUMULATION_STATES',
    key: 'JSON of run, sample, element and edge.',
    does: ['send', 'receive'],
  },
  blueskyDocuments: { message: null, setting: 'TOPIC_BLUESKY', key: 'Any.', does: ['receive'] },
};

/** Content types beside plain Avro, by message. */
const OTHER_FORMATS: Readonly<Record<string, readonly string[]>> = {
  scan: [JSON_CONTENT_TYPE, CONFLUENT_CONTENT_TYPE],
  descriptors: [CONFLUENT_CONTENT_TYPE],
  'dead-letter': [CONFLUENT_CONTENT_TYPE],
};

/** Reason codes by the message that has them, where its schema does not list them itself. */
const CODES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  descriptors: VERDICT_REASONS,
  'dead-letter': REJECT_REASONS,
};

/**
 * The wire as AsyncAPI 3 says it: every topic, key, header and code, and the schema files by their names.
 * @param schemas texts by file
 * @param fingerprints as in schemas/fingerprints.json
 */
export function asyncapi(
  schemas: Readonly<Record<string, string>>,
  fingerprints: Readonly<Record<string, { readonly name: string; readonly sha256: string }>>,
  version: string,
): string {
  const config = readConfig({});
  const channels = mapValues(CHANNELS, ({ message, setting, key }) => {
    const address = config[setting];
    const doc =
      message === null ? 'Bluesky documents: msgpack of [name, document].' : schemaOf(schemas, message).doc;
    return {
      address,
      description: doc,
      messages: { message: { $ref: `#/components/messages/${message ?? 'bluesky-document'}` } },
      bindings: { kafka: { topic: address, bindingVersion: '0.5.0' } },
      'x-setting': setting,
      'x-key': key,
    };
  });
  const ours = Object.values(CHANNELS).flatMap(({ message, key }) =>
    message === null ? [] : [{ message, key }],
  );
  const messages = Object.fromEntries(ours.map(({ message, key }) => [message, messageOf(message, key)]));

  function messageOf(message: string, key: string) {
    const file = `${message}.v1.avsc`;
    const { name, sha256 } = fingerprints[file]!;
    const schema = schemaOf(schemas, message);
    const listed = Object.fromEntries(
      schema.fields.flatMap((field) => {
        const list = field.kinds ?? field.codes;
        return list === undefined ? [] : [[`x-${field.name}`, list] as const];
      }),
    );
    const codes = CODES[message];
    const reason = { type: 'string', enum: Object.keys(REJECT_REASONS) };
    return {
      name,
      contentType: CONTENT_TYPE,
      headers: {
        type: 'object',
        properties: {
          [HEADER_CONTENT_TYPE]: { type: 'string', enum: [CONTENT_TYPE, ...(OTHER_FORMATS[message] ?? [])] },
          [HEADER_SCHEMA]: { type: 'string', const: name },
          [HEADER_FINGERPRINT]: { type: 'string', const: sha256 },
          ...(message === 'dead-letter' && { reason }),
          ...(message === 'descriptors' && { reprocess: { type: 'string' } }),
        },
      },
      payload: {
        schemaFormat: 'application/vnd.apache.avro+json;version=1.9.0',
        schema: { $ref: `../schemas/${file}` },
      },
      bindings: { kafka: { key: { type: 'string', description: key }, bindingVersion: '0.5.0' } },
      ...listed,
      ...(codes && { 'x-reason': codes }),
    };
  }

  const document = {
    asyncapi: '3.1.0',
    info: {
      title: 'xanes-stream',
      version,
      description:
        'XANES scans in, structural descriptors with a verdict on every value out; requests from agents to beamlines. ' +
        'Operations are those of the services of xanes-stream; of requests they are those of an agent. What the words mean: ' +
        'docs/wire.md, docs/publish.md, docs/subscribe.md.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: CONTENT_TYPE,
    servers: { broker: { host: config.KAFKA_BROKERS.join(), protocol: 'kafka' } },
    channels,
    operations: { ...operations(), ask: ASK },
    components: {
      messages: {
        ...messages,
        'bluesky-document': {
          ...{ name: 'bluesky-document', contentType: 'application/msgpack', payload: { type: 'array' } },
        },
      },
    },
  };
  return `# Made by tools/schemas.ts of the schemas and the code. Do not edit.\n${stringify(document, { lineWidth: 110 })}`;
}

/** A beamline sees it the other way round. */
const ASK = {
  action: 'send',
  summary: 'An agent asks a beamline, and hears what becomes of it.',
  channel: { $ref: '#/channels/requests' },
  reply: { channel: { $ref: '#/channels/acknowledgements' } },
};

const operations = () =>
  Object.fromEntries(
    Object.entries(CHANNELS).flatMap(([name, { does }]) =>
      does.map((action) => [
        `${action === 'send' ? 'publish' : 'read'}${name[0]!.toUpperCase()}${name.slice(1)}`,
        { action, channel: { $ref: `#/channels/${name}` } },
      ]),
    ),
  );

const schemaOf = (schemas: Readonly<Record<string, string>>, message: string): RecordSchema =>
  JSON.parse(schemas[`${message}.v1.avsc`]!);

const mapValues = <A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
