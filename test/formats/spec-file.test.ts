import { expect, test } from '@jest/globals';
import { isSpec, readSpecFile } from '../../src/formats/spec-file.ts';
import { isReject } from '../../src/messages/reject.ts';

const FILE = `#F /data/fe_oxides
#E 1700000000
#D Tue Nov 14 22:13:20 2023
#C Fe K-edge, user = someone

#S 1 ascan  sample_z 0 1 2 1
#D Tue Nov 14 22:14:00 2023
#N 2
#L Sample Z  I0
0 100
1 101

#S 2 ascan  energy 7.1 7.102 2 1
#D Tue Nov 14 22:15:00 2023
#N 4
#L Mono Energy  Epoch  I0  I1
@A 1 2 3\\
 4 5 6
7.1 10 1000 500
7.101 11 1001 400
7.102 12 1002
7.103 13 1003 300
#C scan aborted
#S 3 ascan  energy 7.1 7.102 2 1
#L Mono Energy  Epoch  I0  I1
`;

async function read(text: string, options = {}) {
  const scans = [];
  for await (const { id, read: each } of readSpecFile(text.split('\n'), 'f.spec', options))
    scans.push(
      isReject(each) ? { id, reject: each.detail } : { id, notes: each.notes, ...each.candidates[0]! },
    );
  return scans;
}

test('scans over energies, of a file of many scans', async () => {
  expect(isSpec(FILE)).toBe(true);
  const [scan, empty, ...more] = await read(FILE);
  expect(more).toEqual([]);
  expect(scan).toMatchObject({
    id: 'scan 2',
    element: 'Fe',
    edge: 'K',
    mode: 'TRANSMISSION',
    i0: Float64Array.of(1000, 1001, 1003),
    it: Float64Array.of(500, 400, 300),
    startedAtMs: Date.UTC(2023, 10, 14, 22, 15),
    metadata: { scan: '2', command: 'ascan  energy 7.1 7.102 2 1' },
    notes: ['1 lines are broken off and left out', 'the energies are taken as keV'],
  });
  expect([...(scan as { energyEv: Float64Array }).energyEv]).toEqual(
    [7100, 7101, 7103].map((ev) => expect.closeTo(ev, 6)),
  );
  expect(empty).toEqual({
    id: 'scan 3',
    reject: expect.stringContaining('Expected lines of numbers, got none'),
  });
});

test('columns by name or number, and the absorber from outside', async () => {
  const text = FILE.replace('Fe K-edge', 'iron').replaceAll('I1', 'diode 3');
  const [unnamed] = await read(text);
  expect(unnamed).toMatchObject({ reject: expect.stringContaining('name it with --element') });
  const [lacking] = await read(text, { element: 'Fe' });
  expect(lacking).toMatchObject({ reject: expect.stringContaining('mono_energy, epoch, i0, diode_3') });
  const [named] = await read(text, { element: 'fe', it: 'diode_3' });
  expect(named).toMatchObject({ element: 'Fe', it: Float64Array.of(500, 400, 300) });
});

test('a file without scans over energies says so', async () => {
  const [only] = await read(FILE.slice(0, FILE.indexOf('#S 2')));
  expect(only).toMatchObject({
    reject: expect.stringContaining('a scan with a column energy, got 1 without'),
  });
});

test('other files are no SPEC', () => {
  expect(isSpec('# XDI/1.0\n# Element.symbol: Fe\n')).toBe(false);
  expect(isSpec('#S 1\n1 2\n')).toBe(false);
});
