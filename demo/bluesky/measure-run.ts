import { setTimeout } from 'node:timers/promises';
import type { OperandoRun, PublishedScan } from '../replay/operando-run.ts';
import type { RunEngine } from './run-engine.ts';

export type Measuring = {
  readonly engine: RunEngine;
  readonly run: OperandoRun;
  readonly runId: string;
  readonly scans: number;
  /** Scans a second, where the RunEngine keeps up. */
  readonly rate: number;
  readonly signal?: AbortSignal;
  /** Called when all documents of a scan are acknowledged. */
  readonly onPublished: (scan: PublishedScan) => void;
};

/** Every so many scans one is a step scan, point by point; the others are whole spectra, as of a quick-XAS. */
const STEP_SCAN_EVERY = 10;

/**
 * Has a real RunEngine measure the operando experiment on simulated devices: each scan is a run of its own. Faults that
 * are put into the bytes of a record have no meaning here.
 */
export async function measureRun(options: Measuring): Promise<void> {
  const { engine, run, runId, scans, rate, signal, onPublished } = options;
  const startMs = Date.now();
  for (let sequence = 0; sequence < scans && !signal?.aborted; sequence += 1) {
    const waitMs = startMs + (1000 * sequence) / rate - Date.now();
    if (waitMs > 0) await setTimeout(waitMs, undefined, { ...(signal && { signal }) }).catch(() => {});
    const { known, scan } = run.scanAt(sequence, { runId, startedAtMs: Date.now(), endedAtMs: Date.now() });
    const energyEv = [...scan.energyEv];
    const channels = { i0: [...scan.i0!], it: [...scan.it!] };
    const md = {
      ...{
        id: scan.scanId,
        element: scan.element,
        edge: scan.edge,
        sample: scan.sampleId,
        experiment: runId,
      },
      lithium: scan.metadata['cell.lithium'],
      truth: scan.metadata['truth.meanOxidationState'],
      last: sequence === scans - 1, // its stop ends the run of all scans
    };
    const isStepScan = sequence % STEP_SCAN_EVERY === 0;
    const { atMs } = await engine.measure(
      isStepScan
        ? { how: 'points', energyEv, channels, md }
        : { how: 'spectra', energyEv, spectra: [channels], md },
    );
    const fault = known.fault === 'truncated' ? null : known.fault;
    const scanId = isStepScan ? scan.scanId : `${scan.scanId}/1`;
    onPublished({ ...known, fault, scanId, endedAtMs: atMs });
  }
}
