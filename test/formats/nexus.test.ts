import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import * as hdf5 from 'h5wasm/node';
import { isHdf5, openHdf5 } from '../../src/formats/hdf5.ts';
import { type NexusOptions, readNexus } from '../../src/formats/nexus.ts';
import { groupsOf } from '../../src/formats/nexus-groups.ts';
import { isReject } from '../../src/messages/reject.ts';
import { hdf5File, type Tree } from './hdf5-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'nexus-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ENERGIES = Float64Array.of(7100, 7101, 7102, 7103);
const I0 = Float64Array.of(10, 11, 12, 13);
const IT = Float64Array.of(5, 4, 3, 2);

const file = (name: string, tree: Tree): Promise<string> => hdf5File(join(folder, name), tree);

async function read(path: string, options: NexusOptions = {}) {
  const scans = [];
  for await (const { id, read: each } of readNexus(path, 'f.h5', options)) {
    if (isReject(each)) scans.push({ id, reject: each.detail });
    else {
      const [scan] = each.candidates;
      scans.push({
        id,
        modes: each.candidates.map(({ mode }) => mode),
        ...scan!,
        energyEv: [...scan!.energyEv],
      });
    }
  }
  return scans;
}

test('NXxas of today: the spectrum, the intensities beside it, who and what', async () => {
  const path = await file('today.nxs', {
    entry: {
      '@NX_class': 'NXentry',
      definition: 'NXxas_trans',
      element: { symbol: 'Fe' },
      edge: { name: 'K' },
      sample: { name: 'rust' },
      start_time: '2023-11-14T22:13:20Z',
      energy: [ENERGIES.map((ev) => ev / 1000), [4], 'keV'],
      intensity: [Float64Array.of(0.1, 0.2, 1, 1), [4]],
      instrument: { name: 'BM1', i0: { data: I0 }, itrans: { data: IT } },
      plot: { energy: ENERGIES, intensity: ENERGIES },
    },
  });
  expect(await read(path)).toEqual([
    expect.objectContaining({
      id: 'entry',
      modes: ['TRANSMISSION', 'MU'],
      element: 'Fe',
      edge: 'K',
      sampleId: 'rust',
      beamline: 'BM1',
      startedAtMs: Date.UTC(2023, 10, 14, 22, 13, 20),
      i0: I0,
      it: IT,
      energyEv: [7100, 7101, 7102, 7103].map((ev) => expect.closeTo(ev, 6)),
    }),
  ]);
});

test('a stack of spectra: one scan a row', async () => {
  const path = await file('stack.h5', {
    entry: {
      '@NX_class': 'NXentry',
      definition: 'NXxas',
      element: { name: 'Fe' },
      energy: [ENERGIES, [4], 'eV'],
      intensity: [Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 4]],
    },
  });
  const scans = await read(path);
  expect(scans.map(({ id }) => id)).toEqual(['entry[0]', 'entry[1]']);
  expect(scans[1]).toMatchObject({ modes: ['MU'], mu: Float64Array.of(5, 6, 7, 8) });
});

test.each([
  [{ mode: { name: 'fy' }, definition: 'NXxas' }, 'FLUORESCENCE', 'TRANSMISSION'],
  [{ definition: 'NXxas_tfy' }, 'FLUORESCENCE', 'TRANSMISSION'],
  [{ mode: { name: 'transmission' }, definition: 'NXxas' }, 'TRANSMISSION', 'FLUORESCENCE'],
  [{ definition: 'NXxas' }, 'FLUORESCENCE', 'TRANSMISSION'], // says nothing: as columns are read
])('of several signals the one that %j names comes first', async (says, first, second) => {
  const path = await file('signals.nxs', {
    entry: {
      ...{ '@NX_class': 'NXentry', ...says, element: { symbol: 'Fe' }, energy: ENERGIES, intensity: I0 },
      instrument: { i0: { data: I0 }, itrans: { data: IT }, ifluor: { data: IT } },
    },
  });
  expect(await read(path)).toMatchObject([{ modes: [first, second, 'MU'] }]);
});

test('the former NXxas: incoming and absorbed beam', async () => {
  const path = await file('former.h5', {
    entry: {
      '@NX_class': 'NXentry',
      definition: 'NXxas',
      mode: 'Total Fluorescence Yield',
      instrument: {
        monochromator: { energy: [ENERGIES, [4], 'eV'] },
        incoming_beam: { data: I0 },
        absorbed_beam: { data: IT },
      },
    },
  });
  expect(await read(path)).toEqual([
    { id: 'entry', reject: expect.stringContaining('name it with --element') },
  ]);
  expect(await read(path, { element: 'fe' })).toEqual([
    expect.objectContaining({ element: 'Fe', modes: ['FLUORESCENCE'], i0: I0, if: IT }),
  ]);
});

test.each(['fy', 'TFY', 'Partial Fluorescence Yield'])('the former NXxas by its mode %s', async (mode) => {
  const path = await file('former-mode.h5', {
    entry: {
      ...{ '@NX_class': 'NXentry', definition: 'NXxas', mode, element: 'Fe' },
      instrument: {
        monochromator: { energy: [ENERGIES, [4], 'eV'] },
        ...{ incoming_beam: { data: I0 }, absorbed_beam: { data: IT } },
      },
    },
  });
  expect(await read(path)).toMatchObject([{ modes: ['FLUORESCENCE'] }]);
});

test('groups measurement of BLISS, and any group by --path', async () => {
  const bliss = {
    '1.1': {
      '@NX_class': 'NXentry',
      title: 'scan energy',
      measurement: {
        energy: [ENERGIES.map((ev) => ev / 1000), [4], 'keV'],
        i0: I0,
        i1: IT,
        short: Float64Array.of(1, 2),
      },
    },
    deep: { er: { ene: ENERGIES, mon: I0, det: IT } },
  } as const;
  const path = await file('bliss.h5', bliss);
  expect(await read(path, { element: 'Fe' })).toEqual([
    expect.objectContaining({ id: '1.1/measurement', modes: ['TRANSMISSION'], i0: I0, it: IT }),
  ]);
  const choice = { element: 'Fe', path: '/deep/er', energy: 'ene', i0: 'mon', if: 'det' };
  expect(await read(path, choice)).toEqual([expect.objectContaining({ modes: ['FLUORESCENCE'], if: IT })]);
  expect(await read(path, { path: 'not/there' })).toEqual([
    { id: 'not/there', reject: expect.stringContaining('Expected a group not/there, got none') },
  ]);
});

test.each([
  ['is none', Buffer.from('no HDF5 at all')],
  ['is torn', Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0])],
])('a file that %s: a reject that says so', async (_, bytes) => {
  const path = join(folder, 'bad.h5');
  writeFileSync(path, bytes);
  expect(await read(path)).toEqual([
    { id: '', reject: expect.stringContaining('f.h5: Expected an HDF5 file') },
  ]);
});

test('files without scans, and scans that do not fit together', async () => {
  const empty = await file('empty.h5', { entry: { x: ENERGIES } });
  expect(isHdf5(Buffer.from('\u0089HDF\r\n\u001a\n', 'latin1'))).toBe(true);
  expect(await read(empty)).toEqual([{ id: '', reject: expect.stringContaining('with --path') }]);
  const unequal = await file('unequal.h5', {
    entry: {
      '@NX_class': 'NXentry',
      element: { symbol: 'Fe' },
      energy: ENERGIES,
      intensity: Float64Array.of(1),
    },
  });
  expect(await read(unequal)).toEqual([
    { id: 'entry', reject: expect.stringContaining('Expected 4 numbers of mutrans, got 1') },
  ]);
});

test('groups of energy and mu side by side, with the absorber by the name of the file', async () => {
  const energies = Float64Array.of(7000, 7100, 7110, 7200);
  const path = await file('set.h5', { goethite: { energy: energies, mu: IT }, empty: { mu: IT } });
  expect(await read(path, { element: 'Fe' })).toMatchObject([
    { id: 'goethite', element: 'Fe', energyEv: [...energies], mu: IT },
  ]);
  expect(await read(path)).toMatchObject([
    { id: 'goethite', reject: expect.stringMatching(/cover the K edge of Fe \(7112 eV\)$/) },
  ]);
  const named = [];
  for await (const { read: each } of readNexus(path, 'goethite_Fe_K.h5'))
    named.push(isReject(each) ? each.detail : [each.candidates[0]!.element, each.notes]);
  expect(named).toEqual([['Fe', ["the file's name says Fe K"]]]);
});

test('a dataset that claims more numbers than a column has is refused before it is read', async () => {
  await hdf5.ready;
  const path = join(folder, 'claims.h5');
  const made = new hdf5.File(path, 'w');
  const entry = made.create_group('entry');
  entry.create_attribute('NX_class', 'NXentry');
  for (const name of ['energy', 'intensity', 'element']) {
    const given = { name, data: ENERGIES, maxshape: [null], chunks: [1_000_000], compression: 9 };
    const dataset = entry.create_dataset(given as unknown as Parameters<typeof entry.create_dataset>[0]);
    dataset.resize([100_000_000]); // some kilobytes in the file
  }
  made.close();
  expect(await read(path)).toEqual([
    { id: 'entry', reject: 'f.h5: entry: Expected at most 1000000 numbers in energy, got 100000000' },
  ]);
});

test('groups that links lead to on very many paths are counted, and the count has an end', async () => {
  const path = await file('circles.h5', {
    entry: { measurement: { energy: ENERGIES, i0: I0, i1: IT } },
  });
  const made = new hdf5.File(path, 'a');
  const groups = async (most?: number) => {
    const opened = await openHdf5(path);
    const found = groupsOf(opened, undefined, 64, most);
    opened.close();
    return typeof found === 'string' ? found : found.map(({ group }) => group.path);
  };
  made.create_hard_link('/entry', '/entry/itself');
  made.flush();
  expect(await groups()).toEqual([
    'entry/itself/itself/itself/itself/measurement',
    'entry/itself/itself/itself/measurement',
    'entry/itself/itself/measurement',
    'entry/itself/measurement',
    'entry/measurement',
  ]);
  // 8 links, and 8 on each path of them: 37,449 paths of groups to the depth that is looked at.
  for (let i = 1; i < 8; i += 1) made.create_hard_link('/entry', `/entry/itself-${i}`);
  made.close();
  expect(await groups(1000)).toBe(
    'Expected at most 1001 groups, got more: do links lead from a group back to it?',
  );
});

test('columns that links make of one dataset are counted before they are read', async () => {
  await hdf5.ready;
  const path = join(folder, 'links.h5');
  const made = new hdf5.File(path, 'w');
  const measurement = made.create_group('entry').create_group('measurement');
  const given = { name: 'energy', data: ENERGIES, maxshape: [null], chunks: [1_000_000], compression: 9 };
  const dataset = measurement.create_dataset(
    given as unknown as Parameters<typeof measurement.create_dataset>[0],
  );
  dataset.resize([1_000_000]);
  for (let i = 0; i < 64; i += 1)
    made.create_hard_link('/entry/measurement/energy', `/entry/measurement/i${i}`);
  made.close();
  const limit = 'Expected at most 64000000 numbers in the columns of a group, got 65000000';
  expect(await read(path)).toEqual([
    { id: 'entry/measurement', reject: `f.h5: entry/measurement: ${limit}` },
  ]);
});

test('damaged bytes are rejects of one line, and the next file is read all the same', async () => {
  const path = await file('sound.h5', {
    one: { measurement: { energy: ENERGIES, i0: I0, i1: IT } },
    two: { measurement: { energy: ENERGIES, i0: I0, i1: IT } },
  });
  const sound = readFileSync(path);
  for (let seed = 0; seed < 25; seed += 1) {
    const bytes = Buffer.from(sound);
    for (let i = 0; i < 40; i += 1) bytes[96 + ((seed * 7919 + i * 104_729) % (bytes.length - 96))]! ^= 0xff;
    const damaged = join(folder, 'damaged.h5');
    writeFileSync(damaged, bytes);
    for (const scan of await read(damaged, { element: 'Fe' }))
      if ('reject' in scan) expect(scan.reject).toMatch(/^f\.h5: ([^\n]+: )?Expected [^\n]+$/);
    expect(await read(path, { element: 'Fe' })).toHaveLength(2);
  }
});
