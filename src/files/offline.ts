import type { Judgement } from '../messages/judgement.ts';
import type { Prediction } from '../messages/prediction.ts';
import type { ModelInput, Prepared } from '../messages/prepared.ts';
import { isReject, type Reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import { checkPrediction } from '../model/check-prediction.ts';

/** A scan, or why it could not even be read, with whatever else the caller knows of it. */
export type ReadScan = { readonly scan: Scan | Reject };

type Refused = { readonly reject: Reject };
type Predicted = {
  readonly reject: null;
  readonly prepared: Prepared;
  readonly prediction: Prediction;
};

/**
 * What the network says of a scan, before anyone asked whether to believe it; or why the stream would refuse the scan.
 */
export type PredictedScan<Item> = Item & (Refused | Predicted);
/** What the stream would publish of a scan, or why it would refuse it. */
export type AnsweredScan<Item, J = Judgement> = Item & (Refused | (Predicted & { readonly judgement: J }));

type Stages<Item> = {
  readonly prepare: (scan: Scan, item: Item) => Prepared | Reject;
  readonly predict: (inputs: readonly ModelInput[]) => Promise<readonly Prediction[]>;
};

/** So many scans are in work at a time. */
const CHUNK = 256;

/**
 * The stream's way from scans to answers, without Kafka around it: preparation, model and gate. One answer an item, in
 * their order; a chunk of them is in memory at a time.
 */
export async function* answerScans<Item extends ReadScan, J = Judgement>(
  stages: Stages<Item> & { readonly gate: (prepared: Prepared, prediction: Prediction) => J },
  items: Iterable<Item> | AsyncIterable<Item>,
): AsyncGenerator<AnsweredScan<Item, J>> {
  for await (const each of predictScans(stages, items)) {
    if (each.reject !== null) yield each;
    else yield { ...each, judgement: stages.gate(each.prepared, each.prediction) };
  }
}

/** The same without the gate: for who makes it, or compares it with others. */
export async function* predictScans<Item extends ReadScan>(
  { prepare, predict }: Stages<Item>,
  items: Iterable<Item> | AsyncIterable<Item>,
): AsyncGenerator<PredictedScan<Item>> {
  for await (const chunk of chunksOf(items)) {
    const steps = chunk.map((item) => (isReject(item.scan) ? item.scan : prepare(item.scan, item)));
    const inputs = steps.flatMap((step) => (isReject(step) ? [] : [step.input]));
    const predictions = (await predict(inputs)).values();
    for (const [i, prepared] of steps.entries()) {
      const item = chunk[i]!;
      if (isReject(prepared)) {
        yield { ...item, reject: prepared };
        continue;
      }
      const prediction = checkPrediction(predictions.next().value!);
      if (isReject(prediction)) yield { ...item, reject: prediction };
      else yield { ...item, reject: null, prepared, prediction };
    }
  }
}

async function* chunksOf<Item>(items: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<Item[]> {
  let chunk: Item[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
