import { DESCRIPTOR_NAMES } from '../messages/descriptor-names.ts';
import { MEAN_NAMES } from '../messages/prediction.ts';
import type { WireDescriptors } from '../wire/generated.ts';
import { type ExportedScan, isoTime, labelsOf, type ScanLabels } from './exported-scan.ts';

/** A column of the table with a row a scan; null: it does not apply. */
export type TableColumn =
  | { readonly name: string; readonly kind: 'text'; of(row: Row): string | null }
  | { readonly name: string; readonly kind: 'number'; of(row: Row): number | null };

/** A scan, and what is looked up of it more than once. */
type Row = ExportedScan & { readonly labels: ScanLabels };

export const rowOf = (scan: ExportedScan): Row => ({ ...scan, labels: labelsOf(scan) });

type Ask<Value> = (row: Row) => Value | null | undefined;

const text = (name: string, ask: Ask<string>): TableColumn => ({
  ...{ name, kind: 'text' },
  of: (row) => ask(row) ?? null,
});
const number = (name: string, ask: Ask<number>): TableColumn => ({
  ...{ name, kind: 'number' },
  of: (row) => ask(row) ?? null,
});

type Descriptor = WireDescriptors['descriptors'][number];
type Mean = WireDescriptors['means'][number];

/** The columns of CSV and Parquet; those of descriptors and means are called as in the CSV of `predict`. */
export const TABLE_COLUMNS: readonly TableColumn[] = [
  text('scanId', ({ labels }) => labels.scanId),
  text('runId', ({ labels }) => labels.runId),
  text('sampleId', ({ labels }) => labels.sampleId),
  text('beamline', ({ labels }) => labels.beamline),
  text('element', ({ labels }) => labels.element),
  text('edge', ({ labels }) => labels.edge),
  number('sequence', ({ labels }) => labels.sequence),
  text('origin', ({ labels }) => labels.origin.toLowerCase()),
  text('startedAt', ({ labels }) => isoTime(labels.startedAtMs)),
  text('endedAt', ({ labels }) => isoTime(labels.endedAtMs)),
  text('advice', ({ event }) => event?.advice.toLowerCase()),
  text('adviceReason', ({ event }) => event?.adviceReason),
  number('e0Ev', ({ event }) => event?.preparation.e0Ev),
  number('edgeStep', ({ event }) => event?.preparation.edgeStep),
  number('energyShiftEv', ({ event }) => event?.preparation.energyShiftEv),
  text('energyShiftSource', ({ event }) => event?.preparation.energyShiftSource),
  number('energySigmaEv', ({ event }) => event?.energySigmaEv),
  number('noise', ({ event }) => event?.preparation.noiseSigma),
  number('novelty', ({ event }) => event?.novelty),
  number('noveltyLimit', ({ event }) => event?.noveltyLimit),
  ...DESCRIPTOR_NAMES.flatMap(descriptorColumns),
  ...MEAN_NAMES.flatMap(meanColumns),
  number('mixedSites', ({ event }) => event?.mixedSites),
  number('change.OS', ({ event }) => event?.change?.value),
  number('change.OS.low', ({ event }) => event?.change?.low),
  number('change.OS.high', ({ event }) => event?.change?.high),
  text('change.since', ({ event }) => event?.change?.since),
  text('standards', ({ event }) => event?.standards.join('; ')),
  text('notes', ({ event }) => event?.notes.join('; ')),
  text('reason', ({ refused }) => refused?.reason),
  text('error', ({ refused }) => refused?.detail),
  text('model.id', ({ event }) => event?.model.id),
  text('model.hash', ({ event }) => event?.model.hash),
  text('model.engine', ({ event }) => event?.model.engine),
  text('judgedAt', ({ event, refused }) => isoTime(event ? event.times.publishedAt / 1000 : refused!.at)),
  text('source.topic', ({ source }) => source.topic),
  number('source.partition', ({ source }) => source.partition),
  number('source.offset', ({ source }) => source.offset),
  text('metadata', ({ labels }) => JSON.stringify(labels.metadata)),
];

function descriptorColumns(name: string): TableColumn[] {
  const find = ({ event }: Row): Descriptor | null =>
    event?.descriptors.find((each) => each.name === name) ?? null;
  return [
    number(name, (row) => find(row)?.value),
    number(`${name}.probability`, (row) => find(row)?.confidence),
    number(`${name}.low`, (row) => find(row)?.low),
    number(`${name}.high`, (row) => find(row)?.high),
    text(`${name}.verdict`, (row) => find(row)?.verdict.toLowerCase()),
    text(`${name}.reason`, (row) => find(row)?.reason),
    number(`${name}.trust`, (row) => find(row)?.trust),
    number(`${name}.trustThreshold`, (row) => find(row)?.trustThreshold),
  ];
}

function meanColumns(name: string): TableColumn[] {
  const find = ({ event }: Row): Mean | null => event?.means.find((each) => each.name === name) ?? null;
  return [
    number(`mean.${name}`, (row) => find(row)?.value),
    number(`mean.${name}.low`, (row) => find(row)?.low),
    number(`mean.${name}.high`, (row) => find(row)?.high),
    text(`mean.${name}.verdict`, (row) => find(row)?.verdict.toLowerCase()),
    text(`mean.${name}.reason`, (row) => find(row)?.reason),
  ];
}
