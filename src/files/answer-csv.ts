import { csvLine } from '../common/csv-line.ts';
import { DESCRIPTOR_NAMES } from '../messages/descriptor-names.ts';
import { MEAN_NAMES } from '../messages/prediction.ts';
import type { FileAnswer } from './predict-text.ts';

const HEAD = [
  ...[
    'file',
    'id',
    'element',
    'edge',
    'advice',
    'adviceReason',
    'e0Ev',
    'edgeStep',
    'energyShiftEv',
    'noise',
  ],
  ...['novelty', 'noveltyLimit'],
  ...DESCRIPTOR_NAMES.flatMap((name) => [
    name,
    ...['probability', 'low', 'high', 'verdict', 'reason'].map((what) => `${name}.${what}`),
  ]),
  ...MEAN_NAMES.flatMap((name) =>
    ['', '.low', '.high', '.verdict', '.reason'].map((what) => `mean.${name}${what}`),
  ),
  ...['standards', 'notes', 'reason', 'error'],
];

/** The line that names the columns of `answerCsv`. */
export const CSV_HEAD = HEAD.join(',');

/** One line of CSV (RFC 4180) for a file's answer; what does not apply is empty. */
export function answerCsv(answer: FileAnswer): string {
  const cells = new Map<string, string | number>([
    ['file', answer.file],
    ['id', answer.id ?? ''],
  ]);
  if (answer.reject !== null) {
    cells.set('reason', answer.reject.reason).set('error', answer.reject.detail);
    return lineOf(cells);
  }
  const { prepared, judgement } = answer;
  const { e0Ev, edgeStep, energyShiftEv, noise } = prepared.preparation;
  const { advice, adviceReason, outOfDistributionScore, outOfDistributionLimit } = judgement;
  cells.set('element', prepared.input.element).set('edge', prepared.input.edge);
  cells.set('advice', advice.toLowerCase()).set('adviceReason', adviceReason);
  cells
    .set('e0Ev', e0Ev)
    .set('edgeStep', edgeStep)
    .set('energyShiftEv', energyShiftEv)
    .set('noise', noise.sigma);
  cells.set('novelty', outOfDistributionScore).set('noveltyLimit', outOfDistributionLimit);
  for (const { name, value, confidence, low, high, verdict, reason } of judgement.descriptors) {
    cells.set(name, value).set(`${name}.verdict`, verdict.toLowerCase()).set(`${name}.reason`, reason);
    if (confidence === null) cells.set(`${name}.low`, low).set(`${name}.high`, high);
    else cells.set(`${name}.probability`, confidence);
  }
  for (const { name, value, low, high, verdict, reason } of judgement.means) {
    cells.set(`mean.${name}`, value).set(`mean.${name}.low`, low).set(`mean.${name}.high`, high);
    cells.set(`mean.${name}.verdict`, verdict.toLowerCase()).set(`mean.${name}.reason`, reason);
  }
  cells.set('standards', answer.standards.join('; '));
  cells.set('notes', prepared.notes.join('; '));
  return lineOf(cells);
}

const lineOf = (cells: ReadonlyMap<string, string | number>): string =>
  csvLine(HEAD.map((name) => rounded(cells.get(name) ?? '')));

const rounded = (value: string | number): string | number =>
  typeof value === 'number' ? Number(value.toPrecision(7)) : value;
