import type { Verdict } from '../src/messages/judgement.ts';
import type { PublishedScan } from './replay/operando-run.ts';

/** What came out for a scan, as a reader of committed records saw it. */
export type Seen =
  | {
      readonly kind: 'descriptors';
      readonly scanId: string;
      readonly seenAtMs: number;
      readonly verdicts: Readonly<Record<string, Verdict>>;
      /** null: the event has none, as from a model that does not read means. */
      readonly meanOxidationState: ReadMean | null;
    }
  | {
      readonly kind: 'dead-letter';
      readonly scanId: string;
      readonly seenAtMs: number;
      readonly reason: string;
    };

/** A mean over the sites of the sample with its interval. */
export type ReadMean = {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly verdict: Verdict;
};

export type Counts = {
  readonly published: number;
  readonly descriptors: number;
  readonly deadLetters: number;
  /** Scans that are still without an outcome. */
  readonly lag: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** Breaches of exactly once: every scan exactly once, each sample in its order. Empty lists when it was kept. */
export type Breaches = {
  readonly missing: readonly string[];
  readonly doubled: readonly string[];
  /** Descriptors that came after those of a later scan of the same sample. */
  readonly outOfOrder: readonly string[];
};

export type Tally = {
  published(scan: PublishedScan): void;
  /** Outcomes of scans that are not ours, on a broker that others use too, are passed over. */
  seen(outcome: Seen): void;
  counts(): Counts;
  breaches(): Breaches;
  /** The scans and what became of them. */
  scans(): readonly { readonly scan: PublishedScan; readonly outcomes: readonly Seen[] }[];
  /** Forgets the scans that are done with, so that a demo of days stays small. */
  forget(): void;
};

const LATENCIES_KEPT = 10_000;

/** The demo's book-keeping: what went in, what came out. An outcome may be seen before its acknowledgement is. */
export function makeTally(runIds: ReadonlySet<string>): Tally {
  const scans = new Map<string, { scan: PublishedScan | null; outcomes: Seen[] }>();
  const lastSequence = new Map<string, number>();
  const latenciesMs: number[] = [];
  const outOfOrder: string[] = [];
  let published = 0;
  let settled = 0;
  let descriptors = 0;
  let deadLetters = 0;

  const entry = (scanId: string) => {
    const found = scans.get(scanId) ?? { scan: null, outcomes: [] };
    scans.set(scanId, found);
    return found;
  };
  const isOurs = (scanId: string): boolean => runIds.has(scanId.slice(0, scanId.lastIndexOf('-')));

  /** Both halves are there: from here on the scan's latency and order are known. */
  function complete(scan: PublishedScan, outcome: Seen): void {
    latenciesMs.push(outcome.seenAtMs - scan.endedAtMs);
    if (latenciesMs.length > LATENCIES_KEPT) latenciesMs.shift();
    if (outcome.kind !== 'descriptors') return;
    const stream = `${scan.sampleId}/${scan.scanId.slice(0, scan.scanId.lastIndexOf('-'))}`;
    if (scan.sequence < (lastSequence.get(stream) ?? -1)) outOfOrder.push(scan.scanId);
    lastSequence.set(stream, Math.max(scan.sequence, lastSequence.get(stream) ?? -1));
  }

  return {
    published(scan) {
      published++;
      const mine = entry(scan.scanId);
      mine.scan = scan;
      if (mine.outcomes.length > 0) settled++;
      for (const outcome of mine.outcomes) complete(scan, outcome);
    },
    seen(outcome) {
      if (!isOurs(outcome.scanId)) return;
      if (outcome.kind === 'descriptors') descriptors++;
      else deadLetters++;
      const mine = entry(outcome.scanId);
      mine.outcomes.push(outcome);
      if (!mine.scan) return;
      if (mine.outcomes.length === 1) settled++;
      complete(mine.scan, outcome);
    },
    counts() {
      const sorted = Float64Array.from(latenciesMs).sort();
      const quantile = (q: number): number => sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN;
      return {
        published,
        descriptors,
        deadLetters,
        lag: published - settled,
        p50Ms: quantile(0.5),
        p99Ms: quantile(0.99),
      };
    },
    breaches() {
      const all = [...scans];
      const ids = (test: (outcomes: number) => boolean): string[] =>
        all.filter(([, { outcomes }]) => test(outcomes.length)).map(([scanId]) => scanId);
      return { missing: ids((n) => n === 0), doubled: ids((n) => n > 1), outOfOrder: [...outOfOrder] };
    },
    scans: () =>
      [...scans.values()].flatMap(({ scan, outcomes }) => (scan ? [{ scan, outcomes: [...outcomes] }] : [])),
    forget() {
      for (const [scanId, { scan, outcomes }] of scans)
        if (scan && outcomes.length === 1) scans.delete(scanId);
    },
  };
}
