import type { Standard } from '../../src/messages/standard.ts';
import type { CathodeSeries } from './cathode-series.ts';
import { operandoRun } from './operando-run.ts';

/** Standard uncertainty of the mean oxidation state that such a cell is said to have. */
const UNCERTAINTY = 0.02;
/** Where the plan of a run has a cell as it was built, and a charged one. */
const PLAN = { samples: 1, scans: 20 };
const KNOWN = [
  { standardId: 'LiCoO2', sequence: 0 },
  { standardId: 'CoO2', sequence: PLAN.scans / 2 },
];

/**
 * The standards of the replay's beamline: two cells whose charge is known, measured before all runs. They are other
 * cells than those of the runs, with films and noise of their own.
 */
export function knownCells(seed: number, series: CathodeSeries): Standard[] {
  const run = operandoRun({ ...PLAN, seed: seed + 1 }, series);
  return KNOWN.map(({ standardId, sequence }) => {
    const { scan, known } = run.scanAt(sequence, { runId: 'standards', startedAtMs: 0, endedAtMs: 1000 });
    const { beamline, element, edge } = scan;
    return {
      ...{ standardId, beamline, element, edge, scan },
      ...{ validFromMs: 0, validUntilMs: null },
      known: { kind: 'mean-oxidation-state', value: 4 - known.lithium, uncertainty: UNCERTAINTY },
    };
  });
}
