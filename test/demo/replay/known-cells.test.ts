import { expect, test } from '@jest/globals';
import { readCathodeSeries } from '../../../demo/replay/cathode-series.ts';
import { knownCells } from '../../../demo/replay/known-cells.ts';
import { REPLAY_BEAMLINE } from '../../../demo/replay/operando-run.ts';
import { isReject } from '../../../src/messages/reject.ts';
import { decodeStandard, encodeStandard } from '../../../src/wire/standard-codec.ts';

const series = readCathodeSeries();

test('a cell as it was built and a charged one are standards of the replay that a processor takes', () => {
  const standards = knownCells(1, series);
  expect(standards.map(({ standardId, known }) => [standardId, known])).toEqual([
    ['LiCoO2', { kind: 'mean-oxidation-state', value: 3, uncertainty: 0.02 }],
    ['CoO2', { kind: 'mean-oxidation-state', value: 4, uncertainty: 0.02 }],
  ]);
  for (const standard of standards) {
    expect(standard.beamline).toBe(REPLAY_BEAMLINE);
    const { value, headers } = encodeStandard(standard);
    const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const);
    const key = Buffer.from(standard.standardId);
    const read = decodeStandard({ key, value, headers: Object.fromEntries(bytes) });
    if (isReject(read)) throw new Error(read.detail);
    expect(read.scan.it).toEqual(standard.scan.it);
  }
  expect(knownCells(2, series)[0]!.scan.it).not.toEqual(standards[0]!.scan.it);
});
