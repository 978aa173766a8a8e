import { CSV } from '../exports/csv.ts';
import type { ExportedScan, ExportFormat } from '../exports/exported-scan.ts';
import { NEXUS } from '../exports/nexus.ts';
import type { Scan } from '../messages/scan.ts';
import type { WireDescriptors } from '../wire/generated.ts';

export const EVENT_FORMATS = { csv: CSV, nexus: NEXUS } as const satisfies Record<string, ExportFormat>;

/**
 * Writes what events say of their scans to one file: CSV, or NeXus with the normalised spectrum, on the scan's own
 * energies, as its intensity. The channels as they were measured are in Kafka alone: `npm run export` writes them.
 */
export async function exportEvents(
  events: readonly WireDescriptors[],
  format: keyof typeof EVENT_FORMATS,
  path: string,
): Promise<void> {
  const writer = await EVENT_FORMATS[format].open(path);
  for (const event of events)
    writer.add(format === 'csv' ? saidOf(event) : { ...saidOf(event), raw: normalisedOf(event) });
  writer.close();
}

const saidOf = (event: WireDescriptors): ExportedScan => ({
  ...{ source: event.source, raw: null, event, refused: null },
});

function normalisedOf(event: WireDescriptors): NonNullable<ExportedScan['raw']> {
  const { spectrum, preparation, metadata } = event;
  const energyEv = Float64Array.from(spectrum.energyEv, (ev) => ev - preparation.energyShiftEv);
  const mu = Float64Array.from(spectrum.mu);
  const scan: Scan = {
    ...{ scanId: event.scanId, runId: event.runId, sampleId: event.sampleId, beamline: event.beamline },
    ...{ element: event.element, edge: event.edge, sequence: event.sequence, origin: event.origin },
    ...{ startedAtMs: event.startedAt, endedAtMs: event.endedAt },
    ...{ mode: 'MU', energyEv, mu },
    ...{ i0: null, it: null, if: null, muReference: null, iReference: null, muSigma: null },
    metadata: { ...metadata, normalised: 'true' },
  };
  return { scan, absorption: mu };
}
