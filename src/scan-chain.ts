import { FatalError } from './common/errors.ts';
import type { Judgement } from './messages/judgement.ts';
import type { MapPoint } from './messages/map-point.ts';
import type { JudgedScan, Outcome, ScanNames } from './messages/outcome.ts';
import type { ModelIdentity, Prediction } from './messages/prediction.ts';
import type { ModelInput, Prepared } from './messages/prepared.ts';
import type { SourceRecord } from './messages/record.ts';
import { isReject, type Reject, reject } from './messages/reject.ts';
import { partialOf, type Scan } from './messages/scan.ts';
import type { Anchors, RunReference } from './messages/standard.ts';
import { checkPrediction } from './model/check-prediction.ts';
import { runReferenceOf } from './standards/run-references.ts';
import { type ScanStandards, type StandardsReader, standardsOf } from './standards/standards-reader.ts';
import { refusalOfSeveral } from './wire/refused-scans.ts';
import { runKeyOf } from './wire/run-reference-codec.ts';

export type ScanChainParts = {
  readonly decode: (record: SourceRecord) => Scan | Reject;
  /** The spectra that a record has: most often one. */
  readonly split: (scan: Scan) => readonly Scan[] | Reject;
  readonly prepare: (scan: Scan, foil: ScanStandards['foil']) => Prepared | Reject;
  readonly model: {
    readonly identity: ModelIdentity;
    predict(inputs: readonly ModelInput[]): Promise<readonly Prediction[]>;
    warmUp(batchSizes: readonly number[]): Promise<void>;
  };
  readonly gate: (prepared: Prepared, prediction: Prediction, anchors: Anchors) => Judgement;
  /** Where on the model's map a scan lies; null: nowhere. */
  readonly place: (embedding: ArrayLike<number>, element: string, judgement: Judgement) => MapPoint | null;
  /** The standards that a scan is read with. */
  readonly readStandards: StandardsReader;
  /** What the scan at that place is compared with. */
  readonly reference: (partition: number, key: string, offset: bigint) => RunReference | null;
  readonly encode: (judged: JudgedScan, publishedAtMs: number) => Buffer;
  readonly nowMs: () => number;
  /** A stage threw, which is a bug. */
  readonly onBug: (stage: string, error: unknown) => void;
};

/**
 * All that is computed of a micro-batch of records: the outcomes of each, in their order. What fails on one scan is
 * that scan's outcome; only a model that can evaluate nothing is an error, and a fatal one.
 */
export type ScanChain = (records: readonly SourceRecord[]) => Promise<readonly OutcomesOfRecord[]>;

/** Descriptors of each scan that a record has and that could be read; a dead letter, at most one, of the others. */
export type OutcomesOfRecord = readonly Outcome[];

/** Scans that the model is given together. */
const MOST_TOGETHER = 256;

type DeadLetter = Extract<Outcome, { kind: 'dead-letter' }>;
/** A scan that waits for its prediction. */
type Read = {
  readonly kind: 'read';
  readonly record: SourceRecord;
  readonly scan: Scan;
  readonly standards: ScanStandards;
  readonly prepared: Prepared;
  readonly decodedAtMs: number;
  readonly preparedAtMs: number;
};

/** decode -> split -> prepare -> predict -> gate -> encode. Knows neither Kafka nor threads. */
export function scanChain(parts: ScanChainParts): ScanChain {
  const { decode, split, prepare, model, gate, place, readStandards, reference, encode, nowMs, onBug } =
    parts;

  async function readRecord(record: SourceRecord): Promise<readonly (Read | DeadLetter)[]> {
    const scan = attempt('decode', () => decode(record));
    if (isReject(scan)) return [{ kind: 'dead-letter', record, scan: null, reject: scan }];
    const decodedAtMs = nowMs();
    const scans = attempt('split', () => split(scan));
    if (isReject(scans)) return [{ kind: 'dead-letter', record, scan: namesOf(scan), reject: scans }];
    return Promise.all(scans.map((each) => read(record, each, decodedAtMs)));
  }

  async function read(record: SourceRecord, scan: Scan, decodedAtMs: number): Promise<Read | DeadLetter> {
    const standards = await readStandards(scan);
    const prepared = attempt('prepare', () => prepare(scan, standards.foil));
    if (isReject(prepared)) return { kind: 'dead-letter', record, scan: namesOf(scan), reject: prepared };
    return { kind: 'read', record, scan, standards, prepared, decodedAtMs, preparedAtMs: nowMs() };
  }

  function finish(
    { record, scan, standards, prepared, decodedAtMs, preparedAtMs }: Read,
    prediction: Prediction | Reject,
    predictedAtMs: number,
    predictMs: number,
  ): Outcome {
    const refused = (because: Reject): DeadLetter => {
      return { kind: 'dead-letter', record, scan: namesOf(scan), reject: because };
    };
    if (isReject(prediction)) return refused(prediction);
    const key = runKeyOf(scan);
    const used = standardsOf(standards, prepared);
    const anchors = {
      standards: standards.samples,
      reference: reference(record.partition, key, record.offset),
    };
    const judgement = attempt('gate', () => gate(prepared, prediction, anchors));
    if (isReject(judgement)) return refused(judgement);
    const mapPosition = attempt('place', () => place(prediction.embedding, scan.element, judgement));
    if (isReject(mapPosition)) return refused(mapPosition);
    const { receivedAtMs } = record;
    const times = { receivedAtMs, decodedAtMs, preparedAtMs, predictedAtMs, gatedAtMs: nowMs() };
    const isPartial = partialOf(scan.metadata) !== null; // what later scans are compared with is whole
    const becomes = judgement.reference && !isPartial ? runReferenceOf(scan, judgement.reference) : null;
    const ids = used.map(({ standardId }) => standardId);
    const of = { record, scan, prepared, judgement, mapPosition, standards: ids };
    const judged = { ...of, model: model.identity, times };
    const value = attempt('encode', () => encode(judged, nowMs()));
    if (isReject(value)) return refused(value);
    return {
      kind: 'descriptors',
      record,
      scan: namesOf(scan),
      value,
      advice: judgement.advice,
      run: { key, comparedWith: anchors.reference?.scanId ?? null, becomes },
      verdicts: judgement.descriptors.map(({ name, verdict }) => [name, verdict]),
      took: { prepareMs: preparedAtMs - decodedAtMs, predictMs },
    };
  }

  /**
   * A bug that one scan brings to light must not hold up those behind it: thrown on, it would come back at every fetch.
   */
  function attempt<Result>(stage: string, run: () => Result): Result | Reject {
    try {
      return run();
    } catch (error) {
      onBug(stage, error);
      return reject('stage-failed', `Expected to ${stage} this scan, got the error: ${messageOf(error)}`);
    }
  }

  /** So many at a time that memory stays bounded, whatever records hold. */
  async function predictAll(inputs: readonly ModelInput[]): Promise<readonly (Prediction | Reject)[]> {
    const predictions: (Prediction | Reject)[] = [];
    for (let i = 0; i < inputs.length; i += MOST_TOGETHER)
      predictions.push(...(await predictEach(inputs.slice(i, i + MOST_TOGETHER))));
    return predictions;
  }

  /** All together; where that fails, one by one. */
  async function predictEach(inputs: readonly ModelInput[]): Promise<readonly (Prediction | Reject)[]> {
    if (inputs.length === 0) return [];
    try {
      const predictions = await model.predict(inputs);
      if (predictions.length === inputs.length) return predictions.map(checkPrediction);
      throw new Error(`Expected ${inputs.length} predictions from the model, got ${predictions.length}`);
    } catch (error) {
      if (inputs.length === 1) return [await unpredicted(error)];
    }
    const alone: (Prediction | Reject)[] = [];
    for (const input of inputs) alone.push(...(await predictEach([input])));
    return alone;
  }

  /**
   * One scan that cannot be evaluated is a dead letter; a model that can evaluate nothing is the end of the process.
   */
  async function unpredicted(error: unknown): Promise<Reject> {
    await model.warmUp([1]).catch(() => {
      throw new FatalError(`Expected the model to evaluate its own example: ${messageOf(error)}`);
    });
    return reject('prediction-failed', `Expected the model to evaluate this scan: ${messageOf(error)}`);
  }

  return async (records) => {
    const steps = await Promise.all(records.map(readRecord));
    const inputs = steps.flat().flatMap((step) => (step.kind === 'read' ? [step.prepared.input] : []));
    const beganMs = nowMs();
    const predictions = (await predictAll(inputs)).values();
    const predictedAtMs = nowMs();
    return steps.map((ofRecord) =>
      oneDeadLetter(
        ofRecord.map((step) =>
          step.kind === 'read'
            ? finish(step, predictions.next().value!, predictedAtMs, predictedAtMs - beganMs)
            : step,
        ),
      ),
    );
  };
}

/** The dead letters of a record's scans as one, which carries its bytes once and says of which scans it is. */
function oneDeadLetter(outcomes: readonly Outcome[]): OutcomesOfRecord {
  const refused = outcomes.filter((outcome) => outcome.kind === 'dead-letter');
  const [first] = refused;
  if (first === undefined || outcomes.length === 1) return outcomes;
  const because = refusalOfSeveral(refused, outcomes.length);
  return [...outcomes.filter((outcome) => outcome.kind !== 'dead-letter'), { ...first, reject: because }];
}

const namesOf = ({ scanId, runId, sampleId, beamline, element }: Scan): ScanNames => {
  return { scanId, runId, sampleId, beamline, element };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
