import { type Codec, codec } from './codec.ts';
import { ClientError } from './errors.ts';
import type {
  Accumulation,
  Acknowledgement,
  ChangePoint,
  DeadLetter,
  Descriptors,
  Request,
  RequestKind,
  Run,
  Scan,
} from './generated.ts';

export const SCAN: Codec<Scan> = codec('scan.v1.avsc');
export const DESCRIPTORS: Codec<Descriptors> = codec('descriptors.v1.avsc');
export const DEAD_LETTER: Codec<DeadLetter> = codec('dead-letter.v1.avsc');
export const RUN: Codec<Run> = codec('run.v1.avsc');
export const REQUEST: Codec<Request> = codec('request.v1.avsc');
export const ACKNOWLEDGEMENT: Codec<Acknowledgement> = codec('acknowledgement.v1.avsc');
export const CHANGE: Codec<ChangePoint> = codec('change.v1.avsc');
export const ACCUMULATION: Codec<Accumulation> = codec('accumulation.v1.avsc');

const CHANNELS = ['mu', 'i0', 'it', 'if', 'muReference', 'iReference', 'muSigma'] as const;
type Channel = (typeof CHANNELS)[number];
const NEEDED = {
  MU: ['mu'],
  TRANSMISSION: ['i0', 'it'],
  FLUORESCENCE: ['i0', 'if'],
} as const satisfies Record<Scan['mode'], readonly Channel[]>;

/** A scan to be published: what has a default may be left out, and numbers may lie in typed arrays. */
export type NewScan = Pick<
  Scan,
  'scanId' | 'runId' | 'sampleId' | 'beamline' | 'element' | 'mode' | 'sequence'
> &
  Pick<Scan, 'startedAt' | 'endedAt'> &
  Partial<Pick<Scan, 'edge' | 'origin' | 'metadata'>> & { readonly energyEv: ArrayLike<number> } & {
    readonly [C in Channel]?: ArrayLike<number> | null;
  };

/**
 * A scan with its defaults.
 * @throws ClientError where the processor would refuse it whatever its numbers: what these are worth it says itself
 */
export function wholeScan(scan: NewScan): Scan {
  const channels = CHANNELS.map((name) => [name, scan[name] ? Array.from(scan[name]) : null] as const);
  const whole = {
    ...{ edge: 'K', origin: 'LIVE' as const, metadata: {} },
    ...scan,
    energyEv: Array.from(scan.energyEv),
    ...(Object.fromEntries(channels) as Record<Channel, number[] | null>),
  };
  for (const name of ['scanId', 'sampleId'] as const) {
    if (scan[name] === '') throw new ClientError(`Expected ${name} not to be empty`);
  }
  for (const name of NEEDED[scan.mode] ?? []) {
    if (whole[name] === null)
      throw new ClientError(`Expected ${name}, which mode ${scan.mode} needs, got null`);
  }
  for (const [name, values] of channels) {
    if (values !== null && values.length !== whole.energyEv.length)
      throw new ClientError(
        `Expected ${name} to have ${whole.energyEv.length} numbers, as energyEv, got ${values.length}`,
      );
  }
  return whole;
}

/** Every kind of request, with the fields that it needs. */
export const REQUEST_KINDS = REQUEST.fields.find(({ name }) => name === 'kind')!.kinds as Readonly<
  Record<RequestKind, { readonly needs: readonly (keyof Request)[] }>
>;

export const isKnownKind = (kind: string): kind is RequestKind => Object.hasOwn(REQUEST_KINDS, kind);

/** Null where a request of a known kind has what that needs, and its fields fit each other; else what does not. */
export function contradiction(request: Request): string | null {
  const { askedAt, validUntil, fromEv, toEv, standard } = request;
  if (!isKnownKind(request.kind))
    return `Expected kind to be one of ${Object.keys(REQUEST_KINDS).join(', ')}, got ${request.kind}`;
  const missing = REQUEST_KINDS[request.kind].needs.find((name) => request[name] === null);
  if (missing !== undefined) return `Expected ${missing}, which ${request.kind} needs, got null`;
  if (validUntil <= askedAt) return `Expected validUntil to be later than askedAt, got ${validUntil}`;
  if (fromEv !== null && toEv !== null && fromEv >= toEv)
    return `Expected fromEv to be below toEv, got ${fromEv} and ${toEv}`;
  if (standard?.known === 'MEAN_OXIDATION_STATE') {
    const { meanOxidationState, uncertainty } = standard;
    if (meanOxidationState === null || uncertainty === null)
      return 'Expected meanOxidationState and uncertainty of the standard, got null';
  }
  return null;
}
