import { readFileSync } from 'node:fs';

/** CPU time of all threads of a process, ms; the kernel counts it in hundredths of a second. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident memory at its largest up to now, MB. */
export const peakMemoryMb = (pid: number): number => statusMb(pid, 'VmHWM');

/** Resident memory now, MB. */
export const memoryMb = (pid: number): number => statusMb(pid, 'VmRSS');

const statusMb = (pid: number, field: string): number =>
  Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Mean time of a transaction, from its first record to its end, by a processor's metrics. */
export async function meanCommitMs(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const of = (what: 'sum' | 'count') =>
    Number(new RegExp(`^xanes_stage_seconds_${what}\\{stage="commit"\\} (.*)$`, 'm').exec(text)?.[1]);
  return (1000 * of('sum')) / of('count');
}

/**
 * How long the event loop of a service stood still since this was asked last, by its own metrics.
 * @returns 99th percentile and longest, ms
 */
export async function eventLoopDelay(
  url: string,
): Promise<{ readonly p99Ms: number; readonly maxMs: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const seconds = (name: string) =>
    Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (.*)$`, 'm').exec(text)?.[1]);
  // Node's histogram counts the interval between its own ticks with the delay.
  const delayMs = (name: string) => Math.max(0, 1000 * seconds(name) - TICK_MS);
  return { p99Ms: delayMs('p99'), maxMs: delayMs('max') };
}

/** prom-client's eventLoopMonitoringPrecision. */
const TICK_MS = 10;
