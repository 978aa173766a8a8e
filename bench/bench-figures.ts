import { median } from '../workbench/report/statistics.ts';
import type { Subject } from './subjects.ts';

export type Saturated = {
  readonly scansPerSecond: number;
  readonly cpuUsPerScan: number;
  /** Resident at its largest, after a tenth of the scans, and at their end. */
  readonly memoryMb: number;
  readonly memoryAtTenthMb: number;
  readonly memoryAtEndMb: number;
  /** Of the processor alone. */
  readonly eventLoopP99Ms: number;
  readonly eventLoopMaxMs: number;
};
export type Latency = {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly cpuUsPerScan: number;
};

/**
 * Medians over the rounds, as a table, or as one JSON object where there is no title.
 * @param latency by scans/s
 */
export function report(
  saturated: ReadonlyMap<Subject, readonly Saturated[]>,
  latency: ReadonlyMap<string, ReadonlyMap<Subject, readonly Latency[]>>,
  title: string | null,
): void {
  const full = Object.fromEntries([...saturated].map(([subject, each]) => [subject, medians(each)]));
  const ladder = Object.fromEntries(
    [...latency].map(([rate, subjects]) => [
      rate,
      Object.fromEntries([...subjects].map(([subject, each]) => [subject, medians(each)])),
    ]),
  );
  const { processor, pythonPeer, bareLoop } = full as Partial<Record<Subject, Saturated>>;
  const eventLoop = processor && { p99Ms: processor.eventLoopP99Ms, maxMs: processor.eventLoopMaxMs };
  const ratios = processor && {
    ...(pythonPeer && { rateToPythonPeer: processor.scansPerSecond / pythonPeer.scansPerSecond }),
    ...(bareLoop && { rateToBareLoop: processor.scansPerSecond / bareLoop.scansPerSecond }),
    ...(pythonPeer && { cpuToPythonPeer: processor.cpuUsPerScan / pythonPeer.cpuUsPerScan }),
  };
  if (title === null) {
    console.log(JSON.stringify({ saturated: full, latency: ladder, eventLoop, ratios }));
    return;
  }
  console.log(`\n${title}:`);
  for (const [subject, figures] of Object.entries(full))
    console.log(`saturated  ${subject.padEnd(12)} ${line(figures)}`);
  for (const [rate, subjects] of Object.entries(ladder))
    for (const [subject, figures] of Object.entries(subjects))
      console.log(`${`${rate}/s`.padEnd(10)} ${subject.padEnd(12)} ${line(figures)}`);
  if (ratios && Object.keys(ratios).length > 0) console.log(`ratios     processor    ${line(ratios)}`);
}

const medians = <Figures extends object>(rounds: readonly Figures[]): Figures =>
  Object.fromEntries(
    Object.keys(rounds[0]!).map((name) => [
      name,
      median(rounds.map((each) => each[name as keyof Figures] as number)),
    ]),
  ) as Figures;

export const line = (figures: object): string =>
  Object.entries(figures as Record<string, number>)
    .map(
      ([name, value]) =>
        `${name} ${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)}`,
    )
    .join('   ');
