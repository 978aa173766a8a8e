import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scan } from '../messages/scan.ts';
import { type ExportedScan, type ExportFormat, isoTime, type MeasuredScan } from './exported-scan.ts';

/** A file a scan, in a folder; the numbers are those of its record, to the last digit. */
export const XDI: ExportFormat = {
  extension: '',
  scansPerPart: 1000,
  needsRecord: true,
  async open(path) {
    mkdirSync(path);
    return {
      add(exported) {
        const { raw, source } = exported;
        if (raw === null) throw new TypeError('Expected the record of the scan');
        // Its place makes the name unique, and puts the scans of a sample in their order.
        const place = `${source.partition}-${String(source.offset).padStart(9, '0')}`;
        const name = raw.scan.scanId.replace(/[^\w.-]+/g, '_').slice(0, 80);
        writeFileSync(join(path, `${place}-${name}.xdi`), xdiText(exported, raw));
      },
      close() {},
    };
  },
};

/** XAS Data Interchange 1.0: https://github.com/XraySpectroscopy/XAS-Data-Interchange */
function xdiText(exported: ExportedScan, { scan, absorption }: MeasuredScan): string {
  const columns = columnsOf(scan, absorption);
  const headers: [string, string | number][] = [
    ['Element.symbol', scan.element],
    ['Element.edge', scan.edge],
    ['Sample.id', scan.sampleId],
    ['Sample.name', scan.metadata['sample.name'] ?? scan.sampleId],
    ['Beamline.name', scan.beamline],
    ['Scan.start_time', isoTime(scan.startedAtMs)],
    ['Scan.end_time', isoTime(scan.endedAtMs)],
    ['Scan.run', scan.runId],
    ['Scan.sequence', scan.sequence],
    ['Xanes-stream.scan_id', scan.scanId],
    ['Xanes-stream.origin', scan.origin],
    ...metadataHeaders(scan.metadata),
    ...answerHeaders(exported),
    ...columns.map(([name], i): [string, string] => [`Column.${i + 1}`, i === 0 ? `${name} eV` : name]),
  ];
  const rows = Array.from(scan.energyEv, (_, i) => columns.map(([, values]) => values[i]).join(' '));
  return [
    '# XDI/1.0 xanes-stream',
    ...headers.filter(([, value]) => value !== '').map(([key, value]) => `# ${key}: ${oneLine(value)}`),
    '# ///',
    '# -----',
    `# ${columns.map(([name]) => name).join(' ')}`,
    ...rows,
    '',
  ].join('\n');
}

type XdiColumn = readonly [name: string, values: Float64Array];

/** By the names of the XDI dictionary; a channel of another length than the energies cannot stand beside them. */
function columnsOf(scan: Scan, absorption: Float64Array): readonly XdiColumn[] {
  const optional: readonly (readonly [string, Float64Array | null])[] = [
    ['i0', scan.i0],
    ['itrans', scan.it],
    ['ifluor', scan.if],
    ['irefer', scan.iReference],
    ['murefer', scan.muReference],
    [scan.mode === 'FLUORESCENCE' ? 'mufluor' : 'mutrans', absorption],
    ['mu_sigma', scan.muSigma],
  ];
  const length = scan.energyEv.length;
  return [
    ['energy', scan.energyEv],
    ...optional.filter((each): each is XdiColumn => each[1]?.length === length),
  ];
}

/** What its publisher said, under its own name where that is one of XDI's, such as `energy.scale`. */
const metadataHeaders = (metadata: Scan['metadata']): [string, string][] =>
  Object.entries(metadata).flatMap(([key, value]): [string, string][] => {
    if (key === 'sample.name') return []; // is there already
    const [, namespace, tag] = /^([A-Za-z][\w-]*)\.([\w-]+)$/.exec(key) ?? [];
    const name = key.replace(/[^\w-]+/g, '_');
    return [[namespace === undefined ? `Metadata.${name}` : `${capital(namespace)}.${tag}`, value]];
  });

/** What was said of the scan, a value with its verdict a line. */
function answerHeaders({ event, refused, source }: ExportedScan): [string, string | number][] {
  const place: [string, string][] = [
    ['Xanes-stream.source', `${source.topic}/${source.partition}/${source.offset}`],
  ];
  if (refused !== null) return [...place, ['Xanes-stream.refused', `${refused.reason}: ${refused.detail}`]];
  if (event === null) return place;
  const { model, preparation, advice, adviceReason, descriptors, means } = event;
  const judged = ({
    value,
    low,
    high,
    verdict,
    reason,
  }: (typeof means)[number] | (typeof descriptors)[number]) =>
    `${value} from ${low} to ${high}, ${verdict} (${reason})`;
  return [
    ...place,
    ['Xanes-stream.model', `${model.id}@${model.hash}`],
    ['Xanes-stream.engine', model.engine],
    ['Xanes-stream.e0', `${preparation.e0Ev} eV`],
    ['Xanes-stream.edge_step', preparation.edgeStep],
    ['Xanes-stream.energy_shift', `${preparation.energyShiftEv} eV by ${preparation.energyShiftSource}`],
    ['Xanes-stream.noise', preparation.noiseSigma],
    ['Xanes-stream.advice', `${advice}: ${adviceReason}`],
    ...descriptors.map((each): [string, string] => [`Xanes-stream.${each.name}`, judged(each)]),
    ...means.map((each): [string, string] => [`Xanes-stream.mean_${each.name}`, judged(each)]),
  ];
}

const capital = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);
const oneLine = (value: string | number): string => String(value).replace(/\s+/g, ' ').trim();
