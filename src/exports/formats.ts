import { CSV } from './csv.ts';
import type { ExportFormat } from './exported-scan.ts';
import { NEXUS } from './nexus.ts';
import { PARQUET } from './parquet.ts';
import { XDI } from './xdi.ts';

/** Every kind of file that scans are exported to, by its name on the command line. */
export const EXPORT_FORMATS = {
  nexus: NEXUS,
  csv: CSV,
  xdi: XDI,
  parquet: PARQUET,
} as const satisfies Readonly<Record<string, ExportFormat>>;

export type ExportFormatName = keyof typeof EXPORT_FORMATS;
