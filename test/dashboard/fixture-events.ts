import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleHash } from '../../src/bundle/bundle.ts';
import { predictionSet } from '../../src/gating/prediction-set.ts';
import type {
  WireAccumulation,
  WireAcknowledgement,
  WireChangePoint,
  WireDeadLetter,
  WireDescriptors,
  WireRequest,
} from '../../src/wire/generated.ts';
import { wireType } from '../../src/wire/wire-type.ts';

type Verdict = 'ACCEPT' | 'FLAG' | 'REJECT';
type SeriesSpectrum = { readonly lithium: number; readonly energyEv: number[]; readonly mu: number[] };

const SERIES: readonly SeriesSpectrum[] = readFileSync(
  new URL('../../data/li-x-coo2/series.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as SeriesSpectrum)
  .sort((a, b) => a.lithium - b.lithium);

/** That of the shipped model, whose map the page then has. */
const MODEL_HASH = bundleHash(fileURLToPath(new URL('../../models/spt', import.meta.url)));

const DESCRIPTORS = wireType('descriptors.v1.avsc');
const DEAD_LETTER = wireType('dead-letter.v1.avsc');
export const descriptorsBytes = (event: WireDescriptors): Buffer => DESCRIPTORS.encode(event);
export const deadLetterBytes = (deadLetter: WireDeadLetter): Buffer => DEAD_LETTER.encode(deadLetter);

/** Numbers in [0, 1) that are the same at every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type FixtureOptions = {
  readonly sampleId?: string;
  readonly runId?: string;
  /** Scan id; default from run, sample and sequence. */
  readonly scanId?: string;
  readonly endedAt?: number;
  readonly origin?: 'LIVE' | 'REPLAY';
  /** Noise of the normalised scan; above 0.03 things are flagged, above 0.06 rejected. */
  readonly sigma?: number;
  readonly lithium?: number;
  /** Of a preview: the scan that it is a part of. */
  readonly partialOf?: string;
  /** Its spectrum is unlike all that the model knows. */
  readonly isUnlike?: boolean;
  /** false: an event without means, as they were before 0.2. */
  readonly means?: boolean;
};

/** A believable descriptor event: scan `sequence` of a charge and discharge of Li_xCoO2 over 200 scans. */
export function fixtureEvent(sequence: number, options: FixtureOptions = {}): WireDescriptors {
  const random = seeded(sequence * 7919 + (options.sampleId ?? '').length * 101 + 1);
  const gaussian = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const runId = options.runId ?? 'co-cell-2026-11';
  const sampleId = options.sampleId ?? 'LCO cell 3, spot A';
  const phase = (sequence % 200) / 200;
  const lithium = options.lithium ?? (phase < 0.5 ? 1 - 1.1 * phase : 0.45 + 1.1 * (phase - 0.5));
  const badBeam = Math.max(0, Math.sin((2 * Math.PI * sequence) / 90 - 1) - 0.75) * 0.4;
  const sigma = options.sigma ?? 0.008 + 0.004 * random() + badBeam;
  const endedAt = options.endedAt ?? Date.now();
  const oxidation = 3 + (1 - lithium) + 0.5 * sigma * gaussian();
  const base = interpolate(lithium);
  const mu = Float32Array.from(base.mu, (value) => value + sigma * gaussian());

  const four = Math.min(0.98, Math.max(0.02, oxidation - 3));
  const descriptors = [
    unlessMixed(four, descriptor('OS', [1, 2, 3, 4], [0.005, 0.005, 0.99 - four, four], 0.05, sigma)),
    descriptor('CN', [4, 5, 6], [0.01, 0.02, 0.97], 0.08, sigma),
    descriptor('CN2', [10, 11, 12, 13, 14], [0.06, 0.1, 0.62, 0.14, 0.08], 0.03, sigma),
    descriptor('OCN', [4, 5, 6], [0.01, 0.03, 0.96], 0.08, sigma),
    descriptor('PSGO', [2, 4, 8, 12, 24, 48], [0.03, 0.22, 0.1, 0.6, 0.03, 0.02], 0.02, sigma),
    real('NNRS', 0.021 + 0.05 * (1 - lithium) + 0.004 * gaussian(), 0.02 + sigma / 2, 0.05, sigma),
    real('MOOD', 2.61 + 0.1 * lithium + 0.01 * gaussian(), 0.06 + sigma, 0.05, sigma),
  ];
  const rejected = descriptors.filter(({ verdict }) => verdict === 'REJECT').length;
  const advice = rejected > 3 ? 'RESCAN' : rejected > 0 ? 'ACCUMULATE' : 'ACCEPT';
  const receivedAt = (endedAt + 6) * 1000;
  return {
    scanId: options.scanId ?? `${runId}/${sampleId}/${sequence}`,
    runId,
    sampleId,
    beamline: 'X10DA',
    element: 'Co',
    edge: 'K',
    sequence,
    origin: options.origin ?? 'LIVE',
    startedAt: endedAt - 100,
    endedAt,
    metadata: {
      lithium: lithium.toFixed(3),
      operator: 'shift B',
      potential: `${(3.9 + 0.8 * (1 - lithium)).toFixed(3)} V`,
      temperature: (25 + Math.sin(sequence / 20)).toFixed(2),
    },
    source: { topic: 'xanes.scans.v1', partition: 0, offset: sequence, timestamp: endedAt + 1 },
    model: { id: 'spt-co-1', hash: MODEL_HASH, engine: 'onnxruntime-cpu' },
    preparation: {
      e0Ev: 7720.1 + 0.9 * (1 - lithium),
      edgeStep: 1.02,
      energyShiftEv: 0.35,
      energyShiftSource: 'table',
      energyScale: 'feff10',
      preEdgeRangeEv: Float64Array.of(-60, -15),
      postEdgeRangeEv: Float64Array.of(20, 48),
      postEdgeDegree: 2,
      coveredFromEv: 7713.4,
      coveredToEv: 7766.2,
      noisePreEdge: sigma * 0.9,
      noisePostEdge: sigma,
      noiseSigma: sigma,
      noiseMethod: 'residual',
    },
    spectrum: { energyEv: Float32Array.from(base.energyEv, (value) => value + 0.35), mu },
    descriptors,
    advice,
    adviceReason:
      advice === 'ACCEPT'
        ? 'Every value is inside what was calibrated.'
        : `${rejected} of ${descriptors.length} values are noisier than they tolerate; average ${Math.ceil((sigma / 0.02) ** 2)} scans.`,
    repeatsNeeded: advice === 'ACCUMULATE' ? Math.ceil((sigma / 0.02) ** 2) : null,
    members: [],
    partialOf: options.partialOf ?? null,
    novelty: options.isUnlike ? 2.2 : 0.8 + 0.1 * random(),
    noveltyLimit: 1.6,
    mapPosition: options.isUnlike
      ? null
      : { x: -0.46 + 0.8 * (1 - lithium) + 0.02 * gaussian(), y: 3.74 + 0.02 * gaussian() },
    notes: [],
    standards: [],
    energySigmaEv: 0.3,
    ...(options.means === false
      ? { means: [], mixedSites: null, change: null }
      : {
          means: [
            mean('OS', oxidation, sigma),
            mean('CN', 6 - 0.5 * sigma, sigma),
            mean('OCN', 6 - 0.6 * sigma, sigma),
          ],
          mixedSites: 0.02 + 3.8 * four * (1 - four),
          change: sequence === 0 ? null : changeFrom(3, oxidation, `${runId}/${sampleId}/0`),
        }),
    times: {
      receivedAt,
      decodedAt: receivedAt + 120,
      preparedAt: receivedAt + 480,
      predictedAt: receivedAt + 3900,
      gatedAt: receivedAt + 4100,
      publishedAt: receivedAt + 4600,
    },
  };
}

export function fixtureDeadLetter(offset: number, options: Partial<WireDeadLetter> = {}): WireDeadLetter {
  const at = options.at ?? Date.now();
  return {
    source: { topic: 'xanes.scans.v1', partition: 1, offset, timestamp: at - 5 },
    key: Buffer.from('LCO cell 3, spot A'),
    value: Buffer.from(
      '\u0028co-cell-2026-11/0099\u001eco-cell-2026-11\u0024LCO cell 3, spot A\u000aX10DA',
      'utf8',
    ),
    headers: {
      'content-type': Buffer.from('application/avro'),
      'schema-name': Buffer.from('xanes.v1.Scan'),
    },
    reason: 'non-finite',
    detail: 'Expected i0 to be finite, got NaN at point 41 of 107',
    at,
    scanId: `co-cell-2026-11/${offset}`,
    runId: 'co-cell-2026-11',
    sampleId: 'LCO cell 3, spot A',
    beamline: 'X10DA',
    element: 'Co',
    ...options,
  };
}

function verdictAt(sigma: number, threshold: number): { verdict: Verdict; reason: string } {
  if (sigma > threshold) return { verdict: 'REJECT', reason: 'noise-above-threshold' };
  if (sigma > 0.7 * threshold) return { verdict: 'FLAG', reason: 'low-confidence' };
  return { verdict: 'ACCEPT', reason: 'ok' };
}

function descriptor(
  name: string,
  classes: number[],
  clean: number[],
  threshold: number,
  sigma: number,
): WireDescriptors['descriptors'][number] {
  const blur = Math.min(0.8, sigma * 6); // noise draws the probabilities towards even
  const probabilities = clean.map((p) => p * (1 - blur) + blur / classes.length);
  const total = probabilities.reduce((a, b) => a + b, 0);
  const shares = probabilities.map((p) => p / total);
  const expected = shares.reduce((sum, p, i) => sum + p * classes[i]!, 0);
  const best = shares.indexOf(Math.max(...shares));
  return {
    name,
    kind: 'CLASS',
    unit: '',
    value: classes[best]!,
    expected,
    classes: Float64Array.from(classes),
    probabilities: Float64Array.from(shares),
    confidence: shares[best]!,
    ...predictionSet(classes, shares, 0.1),
    level: 0.9,
    noiseThreshold: threshold,
    ...verdictAt(sigma, threshold),
    ...{ trust: shares[best]!, trustThreshold: sigma > threshold ? null : 0.6 },
  };
}

/** No class holds for a sample of two kinds of sites. */
const unlessMixed = (share: number, os: WireDescriptors['descriptors'][number]) =>
  os.verdict === 'ACCEPT' && share > 0.25 && share < 0.75
    ? { ...os, verdict: 'FLAG' as const, reason: 'mixed-sites', trust: 0.52 }
    : os;

function mean(name: string, value: number, sigma: number): WireDescriptors['means'][number] {
  const half = 0.08 + 4 * sigma;
  const interval = { value, low: value - half, high: value + half, level: 0.9 };
  return { name, ...interval, ...verdictAt(sigma, 0.05), method: 'network' };
}

function changeFrom(reference: number, oxidation: number, since: string): WireDescriptors['change'] {
  const value = oxidation - reference;
  const half = 0.04 + 0.1 * Math.abs(value);
  return { name: 'OS', value, low: value - half, high: value + half, level: 0.9, since };
}

const real = (
  name: string,
  value: number,
  half: number,
  threshold: number,
  sigma: number,
): WireDescriptors['descriptors'][number] => ({
  name,
  kind: 'REAL',
  unit: 'angstrom',
  value,
  expected: value,
  classes: Float64Array.of(),
  probabilities: Float64Array.of(),
  confidence: null,
  low: value - half,
  high: value + half,
  level: 0.9,
  noiseThreshold: threshold,
  ...verdictAt(sigma, threshold),
  ...{ trust: 0.97, trustThreshold: sigma > threshold ? null : 0.9 },
});

/** The series has 13 compositions with three cells each; between two neighbours mu is mixed. */
function interpolate(lithium: number): { energyEv: number[]; mu: number[] } {
  const upper = SERIES.findIndex((s) => s.lithium >= lithium);
  const b = SERIES[upper < 0 ? SERIES.length - 1 : upper]!;
  const a = SERIES[Math.max(0, (upper < 0 ? SERIES.length : upper) - 1)]!;
  const share = b.lithium > a.lithium ? (lithium - a.lithium) / (b.lithium - a.lithium) : 1;
  const mu = b.energyEv.map((energy, i) => (1 - share) * at(a, energy) + share * b.mu[i]!);
  return { energyEv: b.energyEv, mu };
}

function at(spectrum: SeriesSpectrum, energyEv: number): number {
  const { energyEv: axis, mu } = spectrum;
  const next = axis.findIndex((e) => e >= energyEv);
  if (next <= 0) return mu[next < 0 ? mu.length - 1 : 0]!;
  const share = (energyEv - axis[next - 1]!) / (axis[next]! - axis[next - 1]!);
  return mu[next - 1]! * (1 - share) + mu[next]! * share;
}

/** A step of the mean oxidation state that lies between two fixture scans and was found with a third. */
export function fixtureChange(
  before: WireDescriptors,
  after: WireDescriptors,
  options: Partial<WireChangePoint> = {},
): WireChangePoint {
  const { runId, sampleId, beamline, element, edge, origin, model, source } = after;
  return {
    changeId: `MEAN_OXIDATION_STATE/${after.scanId}`,
    ...{ runId, sampleId, beamline, element, edge, origin },
    quantity: 'MEAN_OXIDATION_STATE',
    kind: 'STEP',
    lastBefore: before.endedAt,
    firstAfter: after.endedAt,
    foundAt: after.endedAt + 2000,
    ...{ size: 0.31, low: 0.26, high: 0.36, level: 0.9, perHour: null, confidence: 0.9995 },
    scanBefore: before.scanId,
    scansAfter: [after.scanId],
    returnedTo: null,
    modelHash: model.hash,
    source: { topic: 'xanes.descriptors.v1', partition: source.partition, offset: source.offset },
    ...options,
  };
}

/** A request for four more scans, asked because of a fixture scan. */
export function fixtureRequest(event: WireDescriptors, options: Partial<WireRequest> = {}): WireRequest {
  const { runId, sampleId, beamline, element, edge, origin, scanId, endedAt } = event;
  return {
    requestId: `lab-agent/more-scans/${scanId}`,
    kind: 'more-scans',
    ...{ beamline, runId, sampleId, element, edge, origin, askedBy: 'lab-agent' },
    why: 'OS is noisier than it tolerates',
    scanIds: [scanId],
    ...{ askedAt: endedAt, validUntil: endedAt + 3_600_000 },
    ...{ scans: 4, fromEv: null, toEv: null, text: null, standard: null },
    ...options,
  };
}

/** What the beamline says to a request. */
export const fixtureAcknowledgement = (
  { requestId, beamline, askedAt }: WireRequest,
  status: WireAcknowledgement['status'],
  options: Partial<WireAcknowledgement> = {},
): WireAcknowledgement => ({
  ...{ requestId, beamline, by: 'daq', status, reason: 'ok', detail: '', earlier: null, scanIds: [] },
  source: { topic: 'xanes.requests.v1', partition: 0, offset: 0, timestamp: askedAt },
  at: askedAt + 1000,
  ...options,
});

/** How far repeats of the fixture scan's sample are averaged: three of five. */
export function fixtureAccumulation(
  event: WireDescriptors,
  options: Partial<WireAccumulation> = {},
): WireAccumulation {
  const { runId, sampleId, beamline, element, edge, origin, scanId, endedAt } = event;
  return {
    accumulationId: scanId,
    ...{ runId, sampleId, beamline, element, edge, origin, at: endedAt },
    ...{ status: 'GROWING', reason: 'more-needed', detail: 'the mean is not accepted for its noise' },
    ...{ members: ['a', 'b', scanId], mean: `${scanId}/mean-of-3`, repeatsNeeded: 2 },
    ...options,
  };
}
