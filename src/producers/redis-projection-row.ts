import { createHash } from 'node:crypto';
import type {
  AccumulationRow,
  AcknowledgementRow,
  AnnotationRow,
  ChangePointRow,
  ChangeRow,
  DeadLetterRow,
  DescriptorRow,
  MeanRow,
  RequestRow,
  RunRow,
  ScanRow,
} from '../messages/projection.ts';
import type { Run } from '../messages/run.ts';
import type {
  WireAccumulation,
  WireAcknowledgement,
  WireAnnotation,
  WireChangePoint,
  WireDeadLetter,
  WireDescriptors,
  WireRequest,
} from '../wire/generated.ts';
import { scanConditions } from './scan-conditions.ts';

/** The part of a descriptor event that a timeline needs: everything but the spectrum and the class probabilities. */
export function scanRow(event: WireDescriptors, projectedAt: number): ScanRow {
  const publishedAt = Math.round(event.times.publishedAt / 1000);
  return {
    scanId: bounded(event.scanId),
    runId: bounded(event.runId),
    sampleId: bounded(event.sampleId),
    beamline: bounded(event.beamline),
    element: bounded(event.element),
    edge: bounded(event.edge),
    sequence: event.sequence,
    origin: event.origin,
    endedAt: plausible(event.endedAt, publishedAt) ? event.endedAt : null,
    publishedAt,
    projectedAt: Math.round(projectedAt),
    model: bounded(event.model.id),
    modelHash: event.model.hash.slice(0, 12),
    noiseSigma: rounded(event.preparation.noiseSigma),
    outOfDistributionScore: rounded(event.novelty),
    outOfDistributionLimit: rounded(event.noveltyLimit),
    advice: event.advice,
    descriptors: event.descriptors.map(descriptorRow),
    means: event.means.map(meanRow),
    mixedSites: rounded(event.mixedSites),
    change: event.change && changeRow(event.change),
    ...(event.partialOf !== null && { partialOf: bounded(event.partialOf) }),
    mapPosition: event.mapPosition && [thousandths(event.mapPosition.x), thousandths(event.mapPosition.y)],
    conditions: scanConditions(event.metadata),
  };
}

export function deadLetterRow(deadLetter: WireDeadLetter, projectedAt: number): DeadLetterRow {
  const { topic, partition, offset } = deadLetter.source;
  return {
    deadLetterId: bounded(`${topic}/${partition}/${offset}`),
    reason: bounded(deadLetter.reason),
    detail: bounded(deadLetter.detail, 1000),
    at: deadLetter.at,
    projectedAt: Math.round(projectedAt),
    scanId: deadLetter.scanId && bounded(deadLetter.scanId),
    runId: deadLetter.runId && bounded(deadLetter.runId),
    sampleId: deadLetter.sampleId && bounded(deadLetter.sampleId),
    element: deadLetter.element && bounded(deadLetter.element),
    valueBytes: deadLetter.value?.length ?? null,
  };
}

export const runRow = ({ runId, state, endedAt, exitStatus, reason }: Run): RunRow => ({
  runId: bounded(runId),
  state,
  endedAt,
  exitStatus,
  reason: bounded(reason),
});

export const changePointRow = (change: WireChangePoint, projectedAt: number): ChangePointRow => ({
  changeId: bounded(change.changeId),
  runId: bounded(change.runId),
  sampleId: bounded(change.sampleId),
  element: bounded(change.element),
  origin: change.origin,
  quantity: change.quantity,
  kind: change.kind,
  lastBefore: change.lastBefore,
  firstAfter: change.firstAfter,
  foundAt: change.foundAt,
  size: rounded(change.size),
  low: rounded(change.low),
  high: rounded(change.high),
  perHour: rounded(change.perHour),
  scanBefore: bounded(change.scanBefore),
  scanAfter: bounded(change.scansAfter.at(-1) ?? change.scanBefore),
  projectedAt: Math.round(projectedAt),
});

export const annotationRow = (annotation: WireAnnotation, projectedAt: number): AnnotationRow => ({
  annotationId: bounded(annotation.annotationId),
  runId: annotation.runId && bounded(annotation.runId),
  sampleId: bounded(annotation.sampleId),
  at: annotation.at,
  scanId: annotation.scanId && bounded(annotation.scanId),
  changeId: annotation.changeId && bounded(annotation.changeId),
  text: bounded(annotation.text, 1000),
  writtenBy: bounded(annotation.writtenBy),
  writtenAt: annotation.writtenAt,
  projectedAt: Math.round(projectedAt),
});

/** What was asked, with the newest of the scans that made it. */
export function requestRow(request: WireRequest, projectedAt: number): RequestRow {
  const { runId, sampleId, element, edge, text, standard } = request;
  const scanId = request.scanIds.at(-1) ?? null;
  return {
    requestId: bounded(request.requestId),
    kind: bounded(request.kind),
    beamline: bounded(request.beamline),
    runId: runId && bounded(runId),
    sampleId: sampleId && bounded(sampleId),
    element: element && bounded(element),
    edge: edge && bounded(edge),
    scanId: scanId && bounded(scanId),
    askedBy: bounded(request.askedBy),
    why: bounded(request.why, 1000),
    askedAt: request.askedAt,
    validUntil: request.validUntil,
    origin: request.origin,
    scans: request.scans,
    fromEv: rounded(request.fromEv, 7),
    toEv: rounded(request.toEv, 7),
    text: text && bounded(text, 1000),
    standard: standard && bounded(standard.scanId),
    projectedAt: Math.round(projectedAt),
  };
}

/** Null where it says nothing of a request that can be shown: the answer to a repeated or an undecodable record. */
export function acknowledgementRow(
  acknowledgement: WireAcknowledgement,
  projectedAt: number,
): AcknowledgementRow | null {
  const { requestId, status } = acknowledgement;
  if (status === 'DUPLICATE' || requestId === '') return null;
  return {
    requestId: bounded(requestId),
    by: bounded(acknowledgement.by),
    status,
    reason: bounded(acknowledgement.reason),
    detail: bounded(acknowledgement.detail, 1000),
    scans: acknowledgement.scanIds.length,
    at: acknowledgement.at,
    projectedAt: Math.round(projectedAt),
  };
}

/** How far repeats are averaged; of the scans only how many there are. */
export const accumulationRow = (accumulation: WireAccumulation, projectedAt: number): AccumulationRow => ({
  runId: bounded(accumulation.runId),
  sampleId: bounded(accumulation.sampleId),
  element: bounded(accumulation.element),
  edge: bounded(accumulation.edge),
  origin: accumulation.origin,
  at: accumulation.at,
  status: accumulation.status,
  reason: bounded(accumulation.reason),
  members: accumulation.members.length,
  repeatsNeeded: accumulation.repeatsNeeded,
  projectedAt: Math.round(projectedAt),
});

const descriptorRow = (descriptor: WireDescriptors['descriptors'][number]): DescriptorRow => ({
  name: bounded(descriptor.name),
  value: rounded(descriptor.value),
  low: rounded(descriptor.low),
  high: rounded(descriptor.high),
  confidence: rounded(descriptor.confidence),
  noiseThreshold: rounded(descriptor.noiseThreshold),
  verdict: descriptor.verdict,
  reason: bounded(descriptor.reason),
});

const meanRow = ({
  name,
  value,
  low,
  high,
  verdict,
  reason,
  method,
}: WireDescriptors['means'][number]): MeanRow => ({
  name: bounded(name),
  value: rounded(value),
  low: rounded(low),
  high: rounded(high),
  verdict,
  reason: bounded(reason),
  method: bounded(method),
});

const changeRow = ({ name, value, low, high, since }: NonNullable<WireDescriptors['change']>): ChangeRow => ({
  name: bounded(name),
  value: rounded(value),
  low: rounded(low),
  high: rounded(high),
  since: bounded(since),
});

/** Text from the wire may be as long as a record: a megabyte a row would fill Redis and every browser that watches. */
function bounded(text: string, most = 200): string {
  if (text.length <= most) return text;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return `${text.slice(0, most - 13)}…${digest}`; // the digest keeps two long names apart
}

const rounded = (value: number | null, digits = 5): number | null =>
  value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(digits));

/** The last digit of the map's own points. */
const thousandths = (value: number): number => Math.round(1000 * value) / 1000;

const YEAR_2000 = Date.UTC(2000, 0);
/**
 * A scan cannot end before it was published by more than clocks differ; one wild clock would stretch every time axis.
 */
const plausible = (endedAt: number, publishedAt: number) =>
  endedAt > YEAR_2000 && endedAt < publishedAt + 60_000;
