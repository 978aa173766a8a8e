import type { JudgedScan } from '../messages/outcome.ts';
import { membersOf, partialOf } from '../messages/scan.ts';
import { type Headers, payload } from './confluent-frame.ts';
import { decodeRecord, fingerprintIn } from './decode-record.ts';
import type { WireDescriptors } from './generated.ts';
import { type WireType, type Written, wireType } from './wire-type.ts';

const DESCRIPTORS: WireType = wireType('descriptors.v1.avsc');

export const DESCRIPTORS_HEADERS = DESCRIPTORS.headers;
/** As a schema registry is told it. */
export const DESCRIPTORS_SCHEMA = DESCRIPTORS.text;

/** Bytes of a descriptor event. `publishedAtMs`: when it is handed to the transaction, ms since 1970. */
export function encodeDescriptors(judged: JudgedScan, publishedAtMs: number): Buffer {
  const { scan, record, prepared, judgement, mapPosition, standards, model, times } = judged;
  const { preparation } = prepared;
  const members = membersOf(scan.metadata);
  const event: Written<WireDescriptors> = {
    scanId: scan.scanId,
    runId: scan.runId,
    sampleId: scan.sampleId,
    beamline: scan.beamline,
    element: scan.element,
    edge: scan.edge,
    sequence: scan.sequence,
    origin: scan.origin,
    startedAt: scan.startedAtMs,
    endedAt: scan.endedAtMs,
    metadata: scan.metadata,
    source: {
      topic: record.topic,
      partition: record.partition,
      offset: Number(record.offset),
      timestamp: Math.round(record.timestampMs),
    },
    model,
    preparation: {
      e0Ev: preparation.e0Ev,
      edgeStep: preparation.edgeStep,
      energyShiftEv: preparation.energyShiftEv,
      energyShiftSource: preparation.energyShiftSource,
      energyScale: preparation.energyScale,
      preEdgeRangeEv: preparation.preEdgeRangeEv,
      postEdgeRangeEv: preparation.postEdgeRangeEv,
      postEdgeDegree: preparation.postEdgeDegree,
      coveredFromEv: preparation.coveredFromEv,
      coveredToEv: preparation.coveredToEv,
      noisePreEdge: preparation.noise.preEdge,
      noisePostEdge: preparation.noise.postEdge,
      noiseSigma: preparation.noise.sigma,
      noiseMethod: preparation.noise.method,
    },
    spectrum: prepared.spectrum,
    descriptors: judgement.descriptors.map((descriptor) => ({
      ...descriptor,
      kind: descriptor.kind === 'class' ? ('CLASS' as const) : ('REAL' as const),
    })),
    advice: judgement.advice,
    adviceReason: judgement.adviceReason,
    repeatsNeeded: wholeRepeats(judgement.repeatsNeeded, members.length),
    members,
    partialOf: partialOf(scan.metadata),
    novelty: judgement.outOfDistributionScore,
    noveltyLimit: judgement.outOfDistributionLimit,
    mapPosition,
    notes: prepared.notes,
    standards,
    energySigmaEv: preparation.energySigmaEv,
    means: judgement.means,
    mixedSites: judgement.mixedSites,
    change: judgement.change,
    times: {
      receivedAt: micros(times.receivedAtMs),
      decodedAt: micros(times.decodedAtMs),
      preparedAt: micros(times.preparedAtMs),
      predictedAt: micros(times.predictedAtMs),
      gatedAt: micros(times.gatedAtMs),
      publishedAt: micros(publishedAtMs),
    },
  };
  return DESCRIPTORS.encode(event);
}

/**
 * A record of the descriptors topic, also of a former schema where its headers say which; fields that this lacked have
 * their defaults. Throws on bytes that do not decode.
 */
export const decodeDescriptors = (bytes: Buffer, headers: Headers = {}) =>
  decodeRecord(DESCRIPTORS, bytes, headers) as WireDescriptors;

/** Bytes of a record of the descriptors topic in the newest schema, for who keeps them without their headers. */
export const newestDescriptors = (event: WireDescriptors, bytes: Buffer, headers: Headers): Buffer =>
  writerOf(headers) === DESCRIPTORS.fingerprint ? payload(bytes, headers) : DESCRIPTORS.encode(event);

const writerOf = (headers: Headers): string => fingerprintIn(headers) ?? DESCRIPTORS.fingerprint;

/** Of scans as noisy as one member is: a mean of n is as good as n of them. */
const wholeRepeats = (repeats: number | undefined, members: number): number | null =>
  repeats === undefined ? null : Math.max(1, Math.ceil(repeats * Math.max(1, members)));

const micros = (ms: number) => Math.round(ms * 1000);
