import type { Scan } from '../messages/scan.ts';
import type { WireDescriptors } from '../wire/generated.ts';
import { isoTime, type RecordedScan } from './exported-scan.ts';
import type { Hdf5Group } from './hdf5-group.ts';
import { writeAnswers } from './nexus-answers.ts';
import { stacked } from './stacked.ts';

/** Channels, as NXxas and its kin call their detectors. */
const DETECTORS = [
  ['i0', 'i0'],
  ['it', 'itrans'],
  ['if', 'ifluor'],
  ['iReference', 'irefer'],
  ['muReference', 'murefer'],
] as const satisfies readonly (readonly [keyof Scan, string])[];

/** What pynxxas calls the ways of measuring. */
const MODES: Readonly<Record<Scan['mode'], string>> = {
  MU: 'transmission',
  TRANSMISSION: 'transmission',
  FLUORESCENCE: 'fy',
};

/** Scans with one key have arrays of the same lengths at the same energies, and can be a stack. */
export function stackKeyOf(scan: Scan, event: WireDescriptors | null): string {
  const { runId, sampleId, beamline, element, edge, mode, energyEv } = scan;
  const energies = Buffer.from(energyEv.buffer, energyEv.byteOffset, energyEv.byteLength).toString('latin1');
  const lengths = [...DETECTORS.map(([channel]) => scan[channel]), scan.muSigma].map(
    (each) => each?.length ?? -1,
  );
  const scale = scan.metadata['energy.scale'] ?? '';
  const said = event === null ? '' : `${event.model.hash} ${event.spectrum.mu.length}`;
  return JSON.stringify([runId, sampleId, beamline, element, edge, mode, scale, lengths, said, energies]);
}

/** One NXentry that conforms to NXxas, with the stack's scans in their order. */
export function writeStack(root: Hdf5Group, name: string, stack: readonly RecordedScan[]): void {
  const { scan } = stack[0]!.raw;
  const scans = stack.map(({ raw }) => raw.scan);
  const entry = root.group(name, 'NXentry', { default: 'plot' });
  entry.text('definition', 'NXxas');
  entry.text('title', `${scan.sampleId}: ${scan.element} ${scan.edge}`);
  entry.text('collection_identifier', scan.runId);
  entry.texts(
    'entry_identifier',
    scans.map(({ scanId }) => scanId),
  );
  entry.text('start_time', isoTime(Math.min(...scans.map(({ startedAtMs }) => startedAtMs))));
  entry.text('end_time', isoTime(Math.max(...scans.map(({ endedAtMs }) => endedAtMs))));

  const element = entry.group('element', 'NXelement');
  element.text('symbol', scan.element);
  element.text('name', scan.element);
  entry.group('edge', 'NXedge').text('name', scan.edge);
  entry.group('mode', 'NXxas_mode').text('name', MODES[scan.mode]);
  entry.group('sample', 'NXsample').text('name', scan.sampleId);

  const points = scan.energyEv.length;
  const scale = scan.metadata['energy.scale'];
  const energyAttributes = { units: 'eV', ...(scale !== undefined && { scale }) };
  entry.numbers('energy', scan.energyEv, [points], energyAttributes);
  entry.numbers('intensity', stacked(stack.map(({ raw }) => raw.absorption)), [stack.length, points], {
    long_name: scan.mode === 'FLUORESCENCE' ? 'if/i0' : scan.mode === 'TRANSMISSION' ? 'ln(i0/it)' : 'mu',
  });
  const errors = channelOf(scans, 'muSigma');
  if (errors) entry.numbers('intensity_errors', errors, [stack.length, errors.length / stack.length]);
  const plot = entry.group('plot', 'NXdata', { signal: 'intensity', axes: 'energy' });
  plot.link('energy', `${entry.path}/energy`);
  plot.link('intensity', `${entry.path}/intensity`);
  writeInstrument(entry, scans);
  writeScans(entry, scans);
  writeAnswers(entry, stack);
}

function writeInstrument(entry: Hdf5Group, scans: readonly Scan[]): void {
  const [first] = scans;
  const instrument = entry.group('instrument', 'NXinstrument');
  instrument.text('name', first!.beamline || 'unknown');
  const monochromator = instrument.group('monochromator', 'NXmonochromator');
  monochromator.link('energy', `${entry.path}/energy`);
  for (const [channel, name] of DETECTORS) {
    const values = channelOf(scans, channel);
    if (values === null) continue;
    instrument
      .group(name, 'NXdetector')
      .numbers('data', values, [scans.length, values.length / scans.length]);
  }
  if (first!.iReference || first!.muReference) entry.text('reference', 'foil');
}

/** What each scan says of itself, [scans]. */
function writeScans(entry: Hdf5Group, scans: readonly Scan[]): void {
  const group = entry.group('scans', 'NXcollection');
  group.numbers(
    'sequence',
    Float64Array.from(scans, ({ sequence }) => sequence),
    [scans.length],
  );
  group.texts(
    'start_time',
    scans.map(({ startedAtMs }) => isoTime(startedAtMs)),
  );
  group.texts(
    'end_time',
    scans.map(({ endedAtMs }) => isoTime(endedAtMs)),
  );
  group.texts(
    'mode',
    scans.map(({ mode }) => mode),
  );
  group.texts(
    'origin',
    scans.map(({ origin }) => origin),
  );
  group.texts(
    'metadata',
    scans.map(({ metadata }) => JSON.stringify(metadata)),
  );
}

function channelOf(
  scans: readonly Scan[],
  channel: (typeof DETECTORS)[number][0] | 'muSigma',
): Float64Array | null {
  const values = scans.map((scan) => scan[channel]);
  return values.every((each): each is Float64Array => each !== null && each.length > 0)
    ? stacked(values)
    : null;
}
