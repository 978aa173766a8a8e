import type { ElementReference, EnergyGrid } from '../messages/prepared.ts';
import type { Scan } from '../messages/scan.ts';

/** With less pre-edge than this there is no baseline to be had. */
export const MEAN_PRE_EDGE_EV = 8;
/** The energies of most beamlines are off by less. */
const OFF_EV = 3;

/** eV, on the scan's own scale. */
export type EnergyRange = { readonly fromEv: number; readonly toEv: number };

/**
 * Makes the function that says over which energies a scan must be measured at the least to be judged: the required part
 * of the model's axis and a baseline below the edge, wider by what energies may be off. Of the scan only its element,
 * edge and energy scale count. Null where the model does not know these.
 */
export function makeLeastRange(model: {
  readonly grid: EnergyGrid;
  readonly references: readonly ElementReference[];
}): (scan: Pick<Scan, 'element' | 'edge' | 'metadata'>) => EnergyRange | null {
  const { requiredFromEv, requiredToEv } = model.grid;
  return ({ element, edge, metadata }) => {
    const reference = model.references.find((each) => each.element === element && each.edge === edge);
    const scale = metadata['energy.scale'] ?? 'measured';
    if (reference === undefined || !Object.hasOwn(reference.shiftsEv, scale)) return null;
    const shiftEv = reference.shiftsEv[scale]!;
    const axisEv = reference.referenceEv - shiftEv;
    const metalEdgeEv = reference.foilE0Ev + (reference.shiftsEv.measured ?? 0) - shiftEv;
    return {
      fromEv: Math.min(axisEv + requiredFromEv - OFF_EV, metalEdgeEv - MEAN_PRE_EDGE_EV),
      toEv: axisEv + requiredToEv + OFF_EV,
    };
  };
}
