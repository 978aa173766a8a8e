import { expect, test } from '@jest/globals';
import { runAssembler } from '../../src/bluesky/assemble-runs.ts';
import { decodeDocument } from '../../src/bluesky/decode-document.ts';
import { parseMapping } from '../../src/bluesky/mapping.ts';
import { readScanFile } from '../../src/formats/read-scan-file.ts';
import { edgeEv } from '../../src/messages/edge-energies.ts';
import { isReject } from '../../src/messages/reject.ts';
import { decodeRun, encodeRun } from '../../src/wire/run-codec.ts';
import { descriptor, event, recordOf, start, stop } from '../bluesky/documents.ts';

/** Every object of JavaScript has these, so that a table which is one seems to know them. */
const NAMES = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'];

test.each(NAMES)('a Bluesky run that ends with %s is a run that failed', (exit_status) => {
  const mapping = { beamline: 'BM', energy: 'energy', i0: 'i0', it: 'it', element: 'start.element' };
  const assembler = runAssembler(parseMapping(mapping, 'mapping.json'));
  const ended = [start(), descriptor(), event(0), stop(1, { exit_status })].flatMap((content, i) => {
    const record = recordOf(content, i);
    const document = decodeDocument(record);
    if (isReject(document)) throw new Error(document.detail);
    return assembler.add(document, record, 0).flatMap((made) => (made.kind === 'run' ? [made.run] : []));
  });
  expect(ended.map((run) => decodeRun(encodeRun(run).value).exitStatus)).toEqual([null, 'FAIL']);
});

test.each(NAMES)('a column named %s is one that nobody knows', (name) => {
  const rows = Array.from({ length: 30 }, (_, i) => `${7000 + 10 * i} 1000 ${900 - i} 1`).join('\n');
  for (const head of [
    `MRCAT_XAFS V0.3\n${'-'.repeat(20)}\n energy i0 it ${name}\n`,
    `"Data" "Hora" "Energia" "${name}"\n`,
    `# enc_energy i0 it ${name}\n`,
    `%c\nEXAFS-Scan\n%d\n Col 1 a FLOAT\n Col 2 a_c1 FLOAT\n Col 3 a_c2 FLOAT\n Col 4 a_${name} FLOAT\n`,
  ]) {
    const read = readScanFile(Buffer.from(head + rows), 'a.dat', { element: 'Fe' });
    if (isReject(read)) expect(read.detail).toMatch(/^a\.dat: (line \d+: )?Expected /);
    else expect(read.candidates[0]).toHaveProperty('mode', 'TRANSMISSION');
  }
});

test.each(NAMES)('%s is no element and no edge', (name) => {
  expect([edgeEv(name, 'K'), edgeEv(name, 'L3'), edgeEv('Fe', name)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(edgeEv('Fe', 'L')).toBe(edgeEv('Fe', 'L3'));
});
