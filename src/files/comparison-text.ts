import type { ComparedValue, Comparison, Example } from '../comparison/compare-answers.ts';
import { alignedRows } from './predict-text.ts';

/** Characters of a hash that tell models apart for people. */
const HASH_SHOWN = 12;

/** A comparison for people. `names`: what the two sides are called. */
export function comparisonText(
  { scans, only, models, refusals, values }: Comparison,
  names: readonly [first: string, second: string],
): string {
  const [first, second] = names;
  const lines = [
    `${first}: ${modelsText(models.first)}`,
    `${second}: ${modelsText(models.second)}`,
    `${scans} scans answered by both; by ${first} alone ${only.first}, by ${second} alone ${only.second}`,
  ];
  if (scans === 0) return lines.join('\n');
  lines.push('', ...alignedRows([head(names), ...values.map(row)]), '');
  if (refusals.differ > 0) lines.push(`refused otherwise: ${refusals.differ} scans`);
  for (const each of refusals.examples)
    lines.push(
      `  ${each.scanId ?? each.scan}: ${first} ${each.first ?? 'read'}, ${second} ${each.second ?? 'read'}`,
    );
  for (const { name, verdicts, examples } of values) {
    if (examples.length === 0) continue;
    const changed = Object.entries(verdicts).map(([change, count]) => `${count} ${change.toLowerCase()}`);
    lines.push(changed.length > 0 ? `${name}: ${changed.join(', ')}` : `${name}:`);
    for (const example of examples) lines.push(`  ${exampleText(example, names)}`);
  }
  return lines.join('\n');
}

const modelsText = (models: Readonly<Record<string, number>>): string =>
  Object.entries(models)
    .map(([model, count]) => `${shortName(model)} (${count} scans)`)
    .join(', ') || 'no scan';

function shortName(model: string): string {
  const at = model.lastIndexOf('@');
  return model.slice(0, at + 1 + HASH_SHOWN);
}

const head = ([first, second]: readonly [string, string]): string[] => [
  ...['value', 'scans', 'differ', 'mean of difference', 'of its size', 'largest'],
  ...[`accepted by ${first}`, `by ${second}`, 'by both', 'and differ'],
];

function row({ name, accepted, acceptedDiffer, ...of }: ComparedValue): string[] {
  return [
    ...[name, String(of.scans), String(of.differ)],
    ...[of.meanDifference.toFixed(3), of.meanSize.toFixed(3), of.largest.toFixed(3)],
    ...[accepted.first, accepted.second, accepted.both, acceptedDiffer].map(String),
  ];
}

function exampleText({ scan, scanId, element, first, second }: Example, names: readonly string[]): string {
  const sides = [first, second].map(
    ({ value, verdict, reason }, i) => `${names[i]} ${value.toFixed(2)} ${verdict.toLowerCase()} (${reason})`,
  );
  return `${element ?? ''} ${scanId ?? scan}: ${sides.join(', ')}`;
}
