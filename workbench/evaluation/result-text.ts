import { fixed, percent } from '../report/number-formats.ts';
import type { Result } from './result.ts';
import type { ClassFigures, RealFigures } from './score-answers.ts';

/** A result for people. */
export function resultText(result: Result): string {
  const { sites, refused, refusals, level, noise, gain, tilt, shift, end } = result;
  const reasons = Object.entries(refusals).map(([reason, count]) => `${reason} ${count}`);
  const lines = [
    `${result.set}: ${sites} sites, ${refused} refused${refused > 0 ? ` (${reasons.join(', ')})` : ''}`,
    `${result.model} on ${result.engine}; noise ${noise}, gain ${gain}, tilt ${tilt}, shift ${shift} eV${end === null ? '' : `, cut ${end} eV above E0`}`,
    '',
    row('', ['n', 'F1', 'macro F1', 'accuracy', 'majority', 'accepted', 'right', 'ECE', inside(level)]),
    ...Object.entries(result.descriptors).flatMap(([name, each]) =>
      'f1' in each ? [classRow(name, each)] : [],
    ),
    '',
    row('', ['n', 'R2', 'MAE', '', '', 'accepted', 'right', 'width', inside(level)]),
    ...Object.entries(result.descriptors).flatMap(([name, each]) =>
      'r2' in each ? [realRow(name, each)] : [],
    ),
    '',
    `mean of weighted F1 and R2: ${fixed(result.overall)}`,
    ...result.meanOxidationStates.map(
      ({ truth, predicted, sites: count }) =>
        `mean oxidation state ${truth.toFixed(3)}  predicted ${predicted.toFixed(3)}  (${count} sites)`,
    ),
  ];
  return lines.join('\n');
}

const inside = (level: number | null): string => (level === null ? 'inside' : `in ${100 * level}%`);

function classRow(name: string, each: ClassFigures): string {
  const plain = [each.f1, each.macroF1, each.accuracy, each.majorityF1].map((value) => fixed(value));
  return row(name, [`${each.n}`, ...plain, ...trust(each), fixed(each.ece), percent(each.coverage)]);
}

function realRow(name: string, each: RealFigures): string {
  const plain = [fixed(each.r2), fixed(each.mae), '', ''];
  return row(name, [`${each.n}`, ...plain, ...trust(each), fixed(each.width), percent(each.coverage)]);
}

const trust = ({ share, acceptedAccuracy }: ClassFigures | RealFigures) => [
  percent(share),
  percent(acceptedAccuracy),
];
const row = (name: string, cells: readonly string[]): string =>
  `${name.padEnd(5)}${cells.map((cell) => cell.padStart(9)).join('')}`.trimEnd();
