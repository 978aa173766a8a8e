import type { Verdict } from './judgement.ts';
import type { DescriptorRow, MeanRow, ScanRow } from './projection.ts';

/** A quantity of a scan with its own interval and verdict. */
export type Reading = {
  readonly name: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly verdict: Verdict;
  readonly reason: string;
  /** What the mean over the sites was read by; null: the value is of one site, as events without means have it. */
  readonly method: string | null;
};

/** What is shown under a descriptor's name: the mean over the sites where the scan has one. */
export function readingOf(row: Pick<ScanRow, 'descriptors' | 'means'>, name: string): Reading | undefined {
  const found = meanOf(row, name) ?? row.descriptors.find((descriptor) => descriptor.name === name);
  return found && reading(found);
}

/** What stands for the scan in lists and counts: the oxidation state where there is one. */
export function headline(row: Pick<ScanRow, 'descriptors' | 'means'>): Reading | undefined {
  const [first] = row.descriptors;
  return readingOf(row, 'OS') ?? (first && reading(first));
}

export const meanOf = ({ means }: Pick<ScanRow, 'means'>, name: string): MeanRow | undefined =>
  means?.find((mean) => mean.name === name);

function reading(found: MeanRow | DescriptorRow): Reading {
  const { name, value, low, high, verdict, reason } = found;
  return { name, value, low, high, verdict, reason, method: 'method' in found ? found.method : null };
}
