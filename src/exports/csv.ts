import { closeSync, openSync, writeSync } from 'node:fs';
import { csvLine } from '../common/csv-line.ts';
import type { ExportFormat } from './exported-scan.ts';
import { rowOf, TABLE_COLUMNS } from './table-columns.ts';

/** A row a scan, without spectra. */
export const CSV: ExportFormat = {
  extension: '.csv',
  scansPerPart: 20_000,
  needsRecord: false,
  async open(path) {
    const file = openSync(path, 'w');
    writeSync(file, `${csvLine(TABLE_COLUMNS.map(({ name }) => name))}\r\n`);
    return {
      add(scan) {
        const row = rowOf(scan);
        writeSync(file, `${csvLine(TABLE_COLUMNS.map((column) => column.of(row)))}\r\n`);
      },
      close: () => closeSync(file),
    };
  },
};
