import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { RecordedScan } from '../../src/exports/exported-scan.ts';
import { NEXUS } from '../../src/exports/nexus.ts';
import { XDI } from '../../src/exports/xdi.ts';
import { readScanFiles, scanFilesIn } from '../../src/files/scan-files.ts';
import { isReject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { plainAbsorption } from '../../src/spectra/absorption.ts';
import { exampleScan } from '../faults/scans.ts';

const folder = mkdtempSync(join(tmpdir(), 'exports-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** In transmission, with what predict goes by beside it: a foil, uncertainties, a scale of the energies. */
function transmission(sequence: number, moreEv = 0): Scan {
  const { mu, ...scan } = exampleScan('Li0.5CoO2: "half"\nand more', 0);
  const i0 = scan.energyEv.map((_, i) => 1e5 + i);
  const it = mu!.map((each, i) => i0[i]! * Math.exp(-each));
  return {
    ...{ ...scan, mode: 'TRANSMISSION', scanId: `scan ${sequence}`, sequence, mu: null, i0, it },
    energyEv: scan.energyEv.map((energy) => energy + moreEv),
    iReference: it.map((each, i) => each * Math.exp(-mu![i]!)),
    muSigma: scan.energyEv.map((_, i) => 0.001 + i * 1e-7),
    metadata: { ...scan.metadata, 'energy.sigma': '4' },
  };
}

const exportOf = (scan: Scan, offset: number): RecordedScan => ({
  source: { topic: 'scans', partition: 0, offset, timestamp: 0 },
  raw: { scan, absorption: plainAbsorption(scan) },
  event: null,
  refused: { reason: 'edge-not-found', detail: 'a sentence,\nof two lines', at: 0 },
});

const scans = [transmission(0), transmission(1), transmission(2, 0.001)];

/** Of what an export has of a scan, what must come back. */
const measured = ({ element, edge, mode, energyEv, i0, it, iReference, muSigma, metadata }: Scan) => ({
  ...{ element, edge, mode, energyEv, i0, it, iReference, muSigma },
  scale: metadata['energy.scale'],
});

async function readBack(path: string): Promise<Scan[]> {
  const read: Scan[] = [];
  for await (const { scan } of readScanFiles(scanFilesIn([path]))) {
    if (isReject(scan)) throw new Error(scan.detail);
    read.push(scan);
  }
  return read;
}

test.each([
  ['NeXus: a stack of two, and one of other energies', NEXUS, 'a.nxs'],
  ['XDI', XDI, 'xdi'],
] as const)('%s: our reader gets back all that was measured', async (_, format, name) => {
  const path = join(folder, name);
  const writer = await format.open(path);
  for (const [i, scan] of scans.entries()) writer.add(exportOf(scan, i));
  writer.close();
  const read = await readBack(path);
  expect(read.map(measured)).toEqual(scans.map(measured));
  // NeXus has it in its metadata, which are not read back.
  if (format === XDI) expect(read.map(({ metadata }) => metadata['energy.sigma'])).toEqual(['4', '4', '4']);
  expect(new Set(read.map(({ runId }) => runId))).toEqual(new Set(['run']));
});

test.each(['TRANSMISSION', 'FLUORESCENCE'] as const)(
  'NeXus: a scan with both signals comes back as %s',
  async (mode) => {
    const scan = transmission(0);
    const both: Scan = { ...scan, mode, if: scan.i0!.map((each, i) => each * (0.1 + i * 1e-5)) };
    const path = join(folder, `${mode}.nxs`);
    const writer = await NEXUS.open(path);
    writer.add(exportOf(both, 0));
    writer.close();
    const [read] = await readBack(path);
    const signal = mode === 'FLUORESCENCE' ? ('if' as const) : ('it' as const);
    expect({ mode: read!.mode, [signal]: read![signal] }).toEqual({ mode, [signal]: both[signal] });
  },
);
