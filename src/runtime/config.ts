import { accessSync, constants, readFileSync } from 'node:fs';
import { z } from 'zod';
import { FatalError } from '../common/errors.ts';
import { ENGINE_CHOICES } from '../model/engine.ts';
import { keepSecret } from './log-redaction.ts';

/** The numbers that a setting takes; what is wrong with another is said in words. */
const number = (min: number, max: number, kind = 'a number') => {
  const error = `expected ${kind} ${max === Number.MAX_SAFE_INTEGER ? `>= ${min}` : `from ${min} to ${max}`}`;
  return z.coerce.number({ error }).min(min, { error }).max(max, { error });
};
const integer = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  number(min, max, 'an integer').int({ error: `expected an integer, not a fraction` });
const text = z.string({ error: 'expected a text' }).min(1, { error: 'expected a text that is not empty' });
const items = (value: string) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
const list = text.transform(items);
const brokers = text
  .refine(
    (value) => items(value).length > 0 && items(value).every((item) => /^[^\s/]+:\d{1,5}$/.test(item)),
    {
      error: 'expected host:port, or several of them separated by commas',
    },
  )
  .transform(items);
const flag = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0'])], { error: 'expected true or false' })
  .transform((value) => value === true || value === 'true' || value === '1');
const pemFile = text.refine(isReadable, { error: 'expected a file in PEM that can be read' }).optional();

type Setting = {
  readonly schema: z.ZodType;
  readonly fallback: string | undefined;
  readonly help: string;
  readonly isSecret?: boolean;
};
const setting = <S extends z.ZodType>(schema: S, fallback: string | undefined, help: string) => ({
  schema,
  fallback,
  help,
});

/** One whose value no log and no message shows. */
const secret = <S extends z.ZodType>(schema: S, fallback: string | undefined, help: string) => ({
  ...setting(schema, fallback, help),
  isSecret: true,
});

/** What may be written with a schema of a registry. */
const REGISTRY_OUTPUTS = ['scans', 'descriptors', 'dead-letters'] as const;

/** Every setting there is: its name in the environment and in the file, its default, and what it does. */
const SETTINGS = {
  KAFKA_BROKERS: setting(brokers, 'localhost:9092', 'Brokers, host:port, separated by commas'),
  KAFKA_GROUP: setting(text, 'xanes-processor', 'Consumer group; also the prefix of the transactional ids'),
  KAFKA_CLIENT_ID: setting(text, 'xanes', 'Name of this client in the logs of the broker'),
  KAFKA_TLS: setting(flag, 'false', 'true: connect by TLS'),
  KAFKA_TLS_CA: setting(pemFile, undefined, "File with the PEM certificate of the broker's authority"),
  KAFKA_TLS_CERT: setting(pemFile, undefined, 'File with our own certificate in PEM'),
  KAFKA_TLS_KEY: setting(pemFile, undefined, 'File with its key in PEM'),
  KAFKA_SASL_MECHANISM: setting(
    z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
    undefined,
    'How to log in',
  ),
  KAFKA_SASL_USERNAME: setting(text.optional(), undefined, 'User name'),
  KAFKA_SASL_PASSWORD: secret(text.optional(), undefined, 'Password'),
  KAFKA_SESSION_TIMEOUT_MS: setting(
    integer(500, 1_800_000),
    '10000',
    'A processor silent for so long loses its partitions',
  ),
  KAFKA_FETCH_BYTES: setting(
    integer(1024),
    '1048576',
    'Most bytes of one partition in a batch, of which two are in work; bounds the memory',
  ),
  TOPIC_SCANS: setting(text, 'xanes.scans.v1', 'Scans in'),
  TOPIC_DESCRIPTORS: setting(text, 'xanes.descriptors.v1', 'Descriptors out'),
  TOPIC_DEAD_LETTERS: setting(text, 'xanes.dead-letters.v1', 'Records that could not become descriptors'),
  TOPIC_STANDARDS: setting(text, 'xanes.standards.v1', 'Standards that scans are read with'),
  TOPIC_RUN_REFERENCES: setting(
    text,
    'xanes.run-references.v1',
    'What scans of a run are compared with; belongs to one KAFKA_GROUP',
  ),
  TOPIC_RUNS: setting(text, 'xanes.runs.v1', 'Starts and ends of runs'),
  TOPIC_REQUESTS: setting(text, 'xanes.requests.v1', 'What agents and people ask of beamlines'),
  TOPIC_ACKNOWLEDGEMENTS: setting(text, 'xanes.acknowledgements.v1', 'What becomes of what was asked'),
  TOPIC_CHANGES: setting(text, 'xanes.changes.v1', 'Changes of samples out, by npm run changes'),
  TOPIC_ANNOTATIONS: setting(text, 'xanes.annotations.v1', 'What people noted of samples'),
  TOPIC_SAMPLE_WATCHES: setting(
    text,
    'xanes.sample-watches.v1',
    'What npm run changes knows of samples; belongs to one KAFKA_GROUP',
  ),
  CHANGE_LEAST_STATE: setting(
    number(0.001, 10),
    '0.05',
    'A mean oxidation state that differs by less is no change',
  ),
  CHANGE_LEAST_SPECTRUM: setting(
    number(0.001, 10),
    '0.03',
    'A spectrum that differs by less, in units of the edge step (docs/changes.md), is no change',
  ),
  TOPIC_ACCUMULATIONS: setting(
    text,
    'xanes.accumulations.v1',
    'How far repeats are averaged, out, by npm run accumulate',
  ),
  TOPIC_ACCUMULATION_STATES: setting(
    text,
    'xanes.accumulation-states.v1',
    'Repeats that npm run accumulate is averaging; belongs to one KAFKA_GROUP',
  ),
  ACCUMULATE_MOST: setting(integer(2, 100), '30', 'Repeats that are averaged at the most'),
  ACCUMULATE_UNTIL: setting(
    z.enum(['classes', 'mean']),
    'classes',
    'What must be accepted for repeats to end: the classes of OS, CN and OCN, or the mean oxidation state',
  ),
  ACCUMULATE_BY: setting(
    text.optional(),
    undefined,
    'Metadata key by which repeats are told apart: scans with another value of it are none of the same',
  ),
  TOPIC_BLUESKY: setting(text, 'bluesky.runengine.documents', 'Bluesky documents in, for npm run bluesky'),
  BLUESKY_MAPPING: setting(
    text.optional(),
    undefined,
    'JSON file that says how Bluesky documents become scans (docs/bluesky.md)',
  ),
  SCHEMA_REGISTRY_URL: setting(
    z
      .url({ protocol: /^https?$/, error: "expected http:// or https:// and the path of the registry's API" })
      .refine((url) => !URL.canParse(url) || new URL(url).username === '', {
        error:
          'expected a URL without a user: there are SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD',
      })
      .optional(),
    undefined,
    "Registry with Confluent's API, for scans in its wire format (docs/registry.md)",
  ),
  SCHEMA_REGISTRY_USERNAME: setting(text.optional(), undefined, 'User name there'),
  SCHEMA_REGISTRY_PASSWORD: secret(text.optional(), undefined, 'Password'),
  SCHEMA_REGISTRY_WAIT_MS: setting(
    integer(1000, 45_000),
    '30000',
    'So long scans wait for a registry that is away; then those of unknown schemas are dead letters',
  ),
  SCHEMA_REGISTRY_WRITE: setting(
    z
      .string()
      .transform(items)
      .pipe(z.array(z.enum(REGISTRY_OUTPUTS), { error: `expected some of ${REGISTRY_OUTPUTS.join(', ')}` })),
    '',
    "What is written in Confluent's wire format: some of scans, descriptors, dead-letters, by commas",
  ),
  TOPIC_PARTITIONS: setting(integer(1, 10_000), '4', 'Partitions of topics that `npm run topics` creates'),
  SHADOW: setting(
    text.refine((value) => /^[A-Za-z0-9_-]+$/.test(value), { error: 'expected letters, digits, _ and -' }),
    'shadow',
    'Name of a shadow; behind the group and the topics of npm run shadow',
  ),
  MODEL_DIR: setting(text, 'models/spt', "Folder of the model's bundle"),
  MODEL: setting(
    text.optional(),
    undefined,
    'Model of MODEL_REGISTRY, name@hash, at least 8 digits of the hash; goes before MODEL_DIR',
  ),
  MODEL_FILE: setting(
    text.optional(),
    undefined,
    'File with a line name@hash, which is followed: another line, another model; goes before MODEL',
  ),
  MODEL_REGISTRY: setting(
    text,
    'models',
    'Where bundles lie: a folder that holds their folders, an http(s) address, or s3://BUCKET/FOLDER (docs/operate.md)',
  ),
  MODEL_CACHE: setting(
    text.optional(),
    undefined,
    'Folder that bundles of an address or a bucket are kept in; none: xanes-models among temporary files',
  ),
  AWS_ACCESS_KEY_ID: setting(text.optional(), undefined, 'Key of the object store that has the registry'),
  AWS_SECRET_ACCESS_KEY: secret(text.optional(), undefined, 'Its secret'),
  AWS_SESSION_TOKEN: secret(text.optional(), undefined, 'Of keys that are lent for a time'),
  AWS_REGION: setting(text, 'us-east-1', 'Region of the bucket'),
  AWS_ENDPOINT_URL: setting(
    z.url({ protocol: /^https?$/ }).optional(),
    undefined,
    'Address of an object store that is not of AWS, such as MinIO or Ceph',
  ),
  MODEL_ENGINE: setting(
    z.enum(ENGINE_CHOICES),
    'auto',
    `Library that evaluates the model: ${ENGINE_CHOICES.join(', ')}`,
  ),
  LEAST_TRUST: setting(
    number(0, 1),
    '0',
    'No class or real is accepted of less trust than this, beside the threshold that calibration found; not for means',
  ),
  WORKERS: setting(
    integer(0, 256).optional(),
    undefined,
    'Threads that compute beside the one that speaks Kafka; 0: none, it computes itself [cores - 1]',
  ),
  BATCH_MAX_SIZE: setting(integer(1, 65_536), '128', 'A micro-batch leaves when it holds so many scans'),
  BATCH_MAX_WAIT_MS: setting(number(0, 10_000), '2', 'or when its first scan has waited so long'),
  REDIS_URL: secret(
    z.url({
      protocol: /^rediss?$/,
      hostname: /./,
      error: 'expected redis://host:port or rediss://host:port',
    }),
    'redis://localhost:6379',
    'Redis of the projection and the dashboard; rediss:// by TLS',
  ),
  REDIS_USERNAME: setting(text.optional(), undefined, 'User of the ACL; none: the default user'),
  REDIS_PASSWORD: secret(text.optional(), undefined, 'Password'),
  REDIS_TLS_CA: setting(pemFile, undefined, 'File with the PEM certificate of the authority of Redis'),
  REDIS_TLS_CERT: setting(pemFile, undefined, 'File with our own certificate in PEM'),
  REDIS_TLS_KEY: setting(pemFile, undefined, 'File with its key in PEM'),
  REDIS_PREFIX: setting(z.string(), 'xanes:v2:', 'Prefix of all Redis keys'),
  HOST: setting(text, '127.0.0.1', 'Address that the HTTP server listens on'),
  PORT: setting(
    integer(0, 65_535),
    '0',
    'Port of /healthz, /readyz and /metrics, or of the dashboard; 0 chooses a free one',
  ),
  DASHBOARD_URL: setting(
    z.url({ protocol: /^https?$/ }).optional(),
    undefined,
    'Address by which browsers know the dashboard, where it is not HOST and PORT (behind a proxy)',
  ),
  DASHBOARD_HOSTS: setting(
    list.optional(),
    undefined,
    "Names by which the dashboard may be asked for besides the loopback's, HOST and that of DASHBOARD_URL",
  ),
  DASHBOARD_TRUSTED_PROXIES: setting(
    list.optional(),
    undefined,
    'Proxies whose X-Forwarded-For is believed: addresses, networks (10.0.0.0/8) or loopback',
  ),
  DASHBOARD_METRICS: setting(
    z.enum(['loopback', 'open']),
    'loopback',
    'Who may read /metrics of the dashboard: loopback (others with a token), or open: anybody',
  ),
  OIDC_ISSUER: setting(z.url().optional(), undefined, 'OpenID Connect provider that people log in with'),
  OIDC_CLIENT_ID: setting(text.optional(), undefined, 'Name of the dashboard there'),
  OIDC_CLIENT_SECRET: secret(text.optional(), undefined, 'Its secret; none: a public client'),
  OIDC_SCOPE: setting(text, 'openid profile', 'What is asked for'),
  SESSION_SECONDS: setting(integer(1, 604_800), '28800', 'A session ends after so long'),
  SESSION_SECRET: secret(
    z.string().min(32).optional(),
    undefined,
    'Key of the sessions, 32 characters or more, the same for all dashboard servers; none: a random one',
  ),
  TOKEN_JWKS_URL: setting(
    z.url().optional(),
    undefined,
    "Address of the keys that machines' tokens are signed with",
  ),
  TOKEN_KEY: setting(pemFile, undefined, 'or a file with the public key in PEM'),
  TOKEN_SECRET: secret(z.string().min(32).optional(), undefined, 'or a shared secret, 32 characters or more'),
  TOKEN_ISSUER: setting(text.optional(), undefined, 'Issuer that tokens must name'),
  TOKEN_AUDIENCE: setting(text, 'xanes-dashboard', 'Audience that tokens must name'),
  ROLE_CLAIM: setting(
    text,
    'roles',
    'Claim with the roles of an account or a token; realm_access.roles leads into others',
  ),
  ROLES_VIEWER: setting(list, 'viewer', 'Roles that may see the page'),
  ROLES_OPERATOR: setting(list, 'operator', 'Roles of operators, who may see it too'),
  DASHBOARD_SOCKETS: setting(integer(1), '500', 'Most pages of one dashboard server'),
  DASHBOARD_SOCKETS_PER_ADDRESS: setting(integer(1), '50', 'Most pages from one address'),
  DASHBOARD_IN_FLIGHT: setting(integer(1), '6', 'Most questions of a page that wait for Redis'),
  DASHBOARD_POINTS_PER_PAGE: setting(
    integer(1, 1_000_000),
    '60',
    'What a page may ask for a second: clock 1, scan or dead letter 2, snapshot, catching up or history 5',
  ),
  DASHBOARD_POINTS_PER_ADDRESS: setting(
    integer(1, 1_000_000),
    '600',
    'The same, all pages of one address; a request costs 1, a connection 10',
  ),
  DASHBOARD_POINTS_IN_ALL: setting(
    integer(1, 1_000_000),
    '1500',
    'The same, all pages of a dashboard server',
  ),
  DASHBOARD_PENDING_BYTES: setting(
    integer(1024),
    '16777216',
    'A page that has not taken so many bytes is disconnected',
  ),
  LOG_LEVEL: setting(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    'info',
    'Least level that is logged',
  ),
} satisfies Record<string, Setting>;

/** What every program reads that speaks Kafka. */
export const KAFKA_KEYS = [
  ...(['KAFKA_BROKERS', 'KAFKA_CLIENT_ID', 'KAFKA_TLS', 'KAFKA_TLS_CA', 'KAFKA_TLS_CERT'] as const),
  ...(['KAFKA_TLS_KEY', 'KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const),
] as const;

type Settings = typeof SETTINGS;
export type Config = { readonly [K in keyof Settings]: z.output<Settings[K]['schema']> };

/**
 * Settings from the environment, else from the JSON file that XANES_CONFIG names, else defaults.
 * Throws a FatalError that names every wrong key, what it expects and what it got. Keys of the file that do not exist
 * are errors, because a misspelt one would silently keep its default; the environment holds other people's keys too.
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  defaults: Partial<Record<keyof Config, string>> = {},
): Config {
  const file = readFile(environment.XANES_CONFIG);
  const errors: string[] = [];
  for (const key of Object.keys(file)) {
    if (!(key in SETTINGS)) errors.push(`${key} in ${environment.XANES_CONFIG}: no such setting`);
  }
  const config: Record<string, unknown> = {};
  for (const [key, { schema, fallback, isSecret }] of Object.entries<Setting>(SETTINGS)) {
    const given = environment[key] || file[key];
    const value = given ?? defaults[key as keyof Config] ?? fallback;
    if (isSecret && typeof given === 'string') hide(given);
    const parsed = schema.safeParse(value);
    if (parsed.success) config[key] = parsed.data;
    else {
      const got = isSecret ? 'something else, which is not shown' : JSON.stringify(value);
      errors.push(`${key}: ${expectation(parsed.error)}, got ${got}`);
    }
  }
  if (config.KAFKA_SASL_MECHANISM && !(config.KAFKA_SASL_USERNAME && config.KAFKA_SASL_PASSWORD))
    errors.push('KAFKA_SASL_MECHANISM: needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD');
  if ((config.SCHEMA_REGISTRY_WRITE as string[] | undefined)?.length && !config.SCHEMA_REGISTRY_URL)
    errors.push('SCHEMA_REGISTRY_WRITE: needs SCHEMA_REGISTRY_URL');
  if (errors.length > 0) throw new FatalError(`Expected a valid configuration:\n  ${errors.join('\n  ')}`);
  return config as Config;
}

/** What a schema says of a value, as a part of our sentence; its own words where it has none of ours. */
function expectation({ issues: [issue] }: z.ZodError): string {
  if (issue?.code === 'invalid_value')
    return `expected ${issue.values.join(', ').replace(/, ([^,]*)$/, ' or $1')}`;
  const [, expected] = /expected (.*?)(?:, received .*)?$/.exec(issue?.message ?? '') ?? [];
  return expected === undefined ? (issue?.message ?? 'not valid') : `expected ${expected}`;
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Of an address only the password is secret, and in an address that is none anything may be. */
function hide(value: string): void {
  const { password } = URL.canParse(value) ? new URL(value) : { password: value };
  for (const form of [password, decoded(password)]) keepSecret(form);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a % that begins nothing
  }
}

function readFile(path: string | undefined): Record<string, unknown> {
  if (!path) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new FatalError(`Expected XANES_CONFIG to name a JSON file: ${(error as Error).message}`);
  }
}

/** Text for --help: what the command does, and the settings that it reads. */
export function configHelp(usage: string, keys: readonly (keyof Config)[]): string {
  const rows = keys.map((key) => {
    const { fallback, help } = SETTINGS[key] as Setting;
    return `  ${key.padEnd(25)} ${help}${fallback === undefined || fallback === '' ? '' : ` [${fallback}]`}`;
  });
  return `${usage}\n\nSettings, from the environment or from the JSON file that XANES_CONFIG names:\n${rows.join('\n')}\n`;
}
