import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FatalError } from '../../../src/common/errors.ts';
import { isReject } from '../../../src/messages/reject.ts';
import type { Scan } from '../../../src/messages/scan.ts';
import { muScan } from '../../data/scan-of-site.ts';
import { isDoubtful, readManifest, readStandard } from '../manifest.ts';

/** A measured scan of a sample whose mean oxidation state is known. */
export type KnownScan = {
  readonly id: string;
  /** Series or compound: what must stay on one side of a split. */
  readonly group: string;
  readonly isSeries: boolean;
  readonly meanOxidationState: number;
  readonly scan: Scan;
};

const lineSchema = z.object({
  id: z.string(),
  series: z.string(),
  element: z.string(),
  edge: z.string(),
  energyEv: z.array(z.number()),
  mu: z.array(z.number()),
  meanOxidationState: z.number().nullable(),
});

/** Oxides of the manifest whose textbook value is sure, mixed valences among them, and all scans of the series. */
export function knownScans(measuredFolder: string, seriesFile: string | null): KnownScan[] {
  const compounds = readManifest(measuredFolder)
    .filter((standard) => standard.neighbour === 'O' && !isDoubtful(standard))
    .flatMap((standard): KnownScan[] => {
      const scan = readStandard(measuredFolder, standard);
      if (isReject(scan) || standard.oxidationState === null) return [];
      const group = `${standard.element} ${standard.compound}`;
      return [
        { id: standard.file, group, isSeries: false, meanOxidationState: standard.oxidationState, scan },
      ];
    });
  return seriesFile === null ? compounds : [...compounds, ...knownSeries(seriesFile)];
}

/** Scans of measured series whose state is known. */
export function knownSeries(seriesFile: string): KnownScan[] {
  if (!existsSync(seriesFile))
    throw new FatalError(`Expected measured series at ${seriesFile}: give --series`);
  return readFileSync(seriesFile, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line): KnownScan[] => {
      const { id, series: group, meanOxidationState, ...rest } = lineSchema.parse(JSON.parse(line));
      if (meanOxidationState === null) return [];
      const { element, edge } = rest;
      const [energyEv, mu] = [Float64Array.from(rest.energyEv), Float64Array.from(rest.mu)];
      const scan = muScan({ scanId: id, element, edge, energyEv, mu });
      return [{ id, group, isSeries: true, meanOxidationState, scan }];
    });
}

/** Where the series of a data folder lie. */
export const seriesOf = (measuredFolder: string): string =>
  join(measuredFolder, '..', 'operando', 'series.jsonl');
