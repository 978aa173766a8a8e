import type { ParquetWriter } from 'hyparquet-writer';
import { CHANNEL_NAMES } from '../messages/scan.ts';
import type { ExportedScan, ExportFormat } from './exported-scan.ts';
import { rowOf, TABLE_COLUMNS } from './table-columns.ts';

type Numbers = Float64Array | Float32Array;
type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

/** Spectra as lists of numbers, a list a scan. */
const SPECTRA: readonly { readonly name: string; of(scan: ExportedScan): Numbers | null | undefined }[] = [
  { name: 'energyEv', of: ({ raw }) => raw?.scan.energyEv },
  { name: 'absorption', of: ({ raw }) => raw?.absorption },
  ...CHANNEL_NAMES.map((name) => ({ name, of: ({ raw }: ExportedScan) => raw?.scan[name] })),
  { name: 'normalised_energyEv', of: ({ event }) => event?.spectrum.energyEv },
  { name: 'normalised_mu', of: ({ event }) => event?.spectrum.mu },
];

/** Readers of Parquet take a dot for a step into a group. */
const nameOf = ({ name }: { readonly name: string }): string => name.replaceAll('.', '_');

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: TABLE_COLUMNS.length + SPECTRA.length },
  ...TABLE_COLUMNS.map(
    (column): SchemaElement =>
      column.kind === 'text'
        ? { name: nameOf(column), type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }
        : { name: nameOf(column), type: 'DOUBLE', repetition_type: 'OPTIONAL' },
  ),
  ...SPECTRA.flatMap(({ name }): SchemaElement[] => [
    { name, converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: 'DOUBLE', repetition_type: 'REQUIRED' },
  ]),
];

/** Rows that are written together, and so many are in memory. */
const ROWS_PER_GROUP = 200;

/** A row a scan, with its spectra. The library is loaded on the first call. */
export const PARQUET: ExportFormat = {
  extension: '.parquet',
  scansPerPart: 10_000,
  needsRecord: false,
  async open(path) {
    const library = await import('hyparquet-writer');
    const writer = new library.ParquetWriter({
      writer: library.fileWriter(path),
      schema: SCHEMA,
      createdBy: 'xanes-stream',
    });
    let rows: ExportedScan[] = [];
    const write = () => {
      if (rows.length === 0) return;
      const table = rows.map(rowOf);
      const columnData = [
        ...TABLE_COLUMNS.map((column) => ({
          name: nameOf(column),
          data: table.map((row) => column.of(row)),
        })),
        ...SPECTRA.map(({ name, of }) => ({ name, data: rows.map((row) => listOf(of(row))) })),
      ];
      void writer.write({ columnData, rowGroupSize: ROWS_PER_GROUP });
      rows = [];
    };
    return {
      add(scan) {
        rows.push(scan);
        if (rows.length === ROWS_PER_GROUP) write();
      },
      close() {
        write();
        void writer.finish();
      },
    };
  },
};

const listOf = (numbers: Numbers | null | undefined): number[] | null =>
  numbers ? Array.from(numbers) : null;
