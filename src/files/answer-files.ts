import { FatalError } from '../common/errors.ts';
import { readStandardsWith } from '../knowledge/read-standards.ts';
import type { Judgement } from '../messages/judgement.ts';
import type { Prediction } from '../messages/prediction.ts';
import type { ModelInput, Prepared } from '../messages/prepared.ts';
import { isReject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import type { Anchors, RunReference } from '../messages/standard.ts';
import { makePrepareWithFoil } from '../spectra/prepare.ts';
import { runReferenceOf } from '../standards/run-references.ts';
import { NO_STANDARDS, type ScanStandards, standardsOf } from '../standards/standards-reader.ts';
import { chooseSignal } from './choose-signal.ts';
import type { FileStandards } from './file-standards.ts';
import { sweepsOfFile } from './file-sweeps.ts';
import { predictScans } from './offline.ts';
import type { FileAnswer } from './predict-text.ts';
import type { FileScan } from './scan-files.ts';

export type AnswerFilesParts = {
  readonly manifest: Parameters<typeof makePrepareWithFoil>[0];
  readonly predict: (inputs: readonly ModelInput[]) => Promise<readonly Prediction[]>;
  readonly gate: (prepared: Prepared, prediction: Prediction, anchors: Anchors) => Judgement;
  readonly standards: FileStandards;
};

/** One sweep of a measurement, which is counted from 0. */
type Measured = FileScan & { readonly standards: ScanStandards; readonly measurement: number };

/**
 * What the stream would say of measurements in files, with the standards that apply to them and, within each run, in
 * their order: the first that becomes its run's reference is what later ones are compared with. Without names all
 * measurements of an edge are one run.
 * @throws FatalError where a standard cannot be read: before the first answer, but for one that another standard hides
 *   from all standards' own scans, and not from a measurement
 */
export async function* answerFiles(
  { manifest, predict, gate, standards: { all, applying } }: AnswerFilesParts,
  files: AsyncIterable<FileScan>,
): AsyncGenerator<FileAnswer> {
  const prepare = makePrepareWithFoil(manifest);
  let unreadable: string | null = null;
  const readStandards = readStandardsWith({
    ...{ manifest, prepare, predict, applying },
    onUnreadable: ({ standardId }, detail) => {
      unreadable = `${standardId} cannot be a standard: ${detail}`;
    },
  });
  async function standardsFor(scan: Scan): Promise<ScanStandards> {
    const read = await readStandards(scan);
    if (unreadable !== null) throw new FatalError(unreadable);
    return read;
  }
  for (const { scan } of all) await standardsFor(scan);
  const references = new Map<string, RunReference & { readonly measurement: number }>();

  async function* withStandards(): AsyncGenerator<Measured> {
    let measurement = 0;
    for await (const file of files) {
      for (const sweep of sweepsOfFile(file)) {
        const standards = isReject(sweep.scan) ? NO_STANDARDS : await standardsFor(sweep.scan);
        yield { ...sweep, standards, measurement };
      }
      measurement += 1;
    }
  }

  const stages = {
    predict,
    prepare: (_: Scan, { candidates, notes, standards }: Measured) =>
      chooseSignal(candidates, (scan) => prepare(scan, standards.foil), notes),
  };
  for await (const { standards: read, measurement, ...each } of predictScans(stages, withStandards())) {
    if (each.reject !== null || isReject(each.scan)) {
      yield { ...each, standards: [] } as FileAnswer;
      continue;
    }
    const { scan, prepared, prediction } = each;
    const key = JSON.stringify([each.run ?? '', scan.element, scan.edge]);
    const standards = standardsOf(read, prepared);
    const first = references.get(key);
    // Sweeps of one measurement are compared with those before it, not with each other.
    const reference = first === undefined || first.measurement === measurement ? null : first;
    const judgement = gate(prepared, prediction, { standards: read.samples, reference });
    if (judgement.reference && first === undefined)
      references.set(key, { ...runReferenceOf(scan, judgement.reference), measurement });
    yield { ...each, judgement, standards: standards.map(({ standardId }) => standardId) };
  }
}
