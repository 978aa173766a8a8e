import { EDGES, edgeEv } from '../../src/messages/edge-energies.ts';
import { isReject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { absorption } from '../../src/spectra/absorption.ts';
import { findE0 } from '../../src/spectra/find-e0.ts';
import { orderPoints } from '../../src/spectra/order-points.ts';

/** Edges move by so much with the oxidation state and a monochromator that is off, eV. */
const WITHIN_EV = 25;
/** Fewer points have no derivative that is worth its name. */
const LEAST_POINTS = 20;
/** The edges that are measured by themselves. L2 and L1 lie behind an L3. */
const OWN_EDGES = EDGES.filter(({ edge }) => edge === 'K' || edge === 'L3');

/**
 * Whether one of the signals that a measurement may be read from has its steepest rise where an edge is: then energies
 * and signal are what they were taken for.
 * @param candidates the same scan by its several signals
 * @param isNamed whether the file names its absorber, whose edge it must be; else any K or L3 edge will do
 */
export const hasEdgeInPlace = (candidates: readonly Scan[], isNamed: boolean): boolean =>
  candidates.some((scan) => {
    const ordered = orderPoints(scan)?.scan ?? scan;
    const mu = absorption(ordered);
    if (isReject(mu) || mu.length < LEAST_POINTS) return false;
    const e0Ev = ordered.energyEv[findE0(ordered.energyEv, mu)]!;
    const isNear = (ev: number | undefined) => ev !== undefined && Math.abs(ev - e0Ev) <= WITHIN_EV;
    if (isNamed) return isNear(edgeEv(scan.element, scan.edge));
    return OWN_EDGES.some(({ energyEv }) => isNear(energyEv));
  });
