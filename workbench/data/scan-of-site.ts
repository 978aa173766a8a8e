import { NO_CHANNELS, type Scan } from '../../src/messages/scan.ts';
import type { Site } from './dataset.ts';

/** A site's spectrum as a scan in mode MU. */
export function scanOfSite(site: Site): Scan {
  return {
    scanId: site.id,
    runId: '',
    sampleId: site.material,
    beamline: '',
    element: site.element,
    edge: site.edge,
    mode: 'MU',
    ...NO_CHANNELS,
    energyEv: site.energyEv,
    mu: site.mu,
    startedAtMs: 0,
    endedAtMs: 0,
    sequence: 0,
    origin: 'REPLAY',
    metadata: { 'energy.scale': site.scale },
  };
}
