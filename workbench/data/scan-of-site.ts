import { NO_CHANNELS, type Scan } from '../../src/messages/scan.ts';
import type { Site } from './dataset.ts';

type Absorption = Pick<Scan, 'scanId' | 'element' | 'edge' | 'energyEv'> &
  Partial<Pick<Scan, 'sampleId' | 'metadata'>> & { readonly mu: Float64Array };

/** A scan in mode MU, of no beamline and no time. */
export function muScan({
  scanId,
  sampleId = '',
  element,
  edge,
  energyEv,
  mu,
  metadata = {},
}: Absorption): Scan {
  return {
    scanId,
    runId: '',
    sampleId,
    beamline: '',
    element,
    edge,
    mode: 'MU',
    ...NO_CHANNELS,
    energyEv,
    mu,
    startedAtMs: 0,
    endedAtMs: 0,
    sequence: 0,
    origin: 'REPLAY',
    metadata,
  };
}

/** A site's spectrum as one, on the scale that it was computed on. */
export const scanOfSite = ({ id, material, element, edge, energyEv, mu, scale }: Site): Scan =>
  muScan({
    ...{ scanId: id, sampleId: material, element, edge, energyEv, mu },
    metadata: { 'energy.scale': scale },
  });
