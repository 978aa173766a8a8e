import { expect, test } from '@jest/globals';
import { isAthena, readAthena } from '../../src/formats/athena.ts';
import { isReject } from '../../src/messages/reject.ts';

const HEAD = '# Athena project file -- Athena version 0.8.059\n';
const RECORD = '[record]   # create object and set arrays in ifeffit\n';

/** A group as Athena writes it; `args` in Perl. */
const group = (args: string, y = "'0.1','0.2',0.9") =>
  `$old_group = 'bapw';\n@args = (${args});\n@x = ('7100.5','7101.5','7102.5');\n@y = (${y});\n${RECORD}\n`;

const read = (text: string, options = {}) =>
  readAthena(text, 'a.prj', options).map(({ id, read: each }) =>
    isReject(each)
      ? { id, reject: each.detail }
      : { id, notes: each.notes, ...each.candidates[0]!, energyEv: [...each.candidates[0]!.energyEv] },
  );

test('groups of mu(E) of a Perl project, as they were imported', () => {
  const text =
    HEAD +
    group("'label','FeO, cold','is_xmu','1','bkg_z','Fe','fft_edge','k','bkg_e0','7120.1','bkg_eshift',0") +
    group("'label','chi','is_chi','1','is_xmu','0','bkg_z','Fe'") +
    group("'label','it''s','is_xmu',1,'list',['a','b)'],'bkg_z','Fe','bkg_e0','7112'").replace(
      "it''s",
      "it\\'s",
    );
  expect(isAthena(text)).toBe(true);
  expect(read(text)).toEqual([
    expect.objectContaining({
      id: 'FeO, cold',
      sampleId: 'FeO, cold',
      element: 'Fe',
      edge: 'K',
      mode: 'MU',
      energyEv: [7100.5, 7101.5, 7102.5],
      mu: Float64Array.of(0.1, 0.2, 0.9),
      notes: [],
    }),
    expect.objectContaining({ id: "it\\'s" }),
  ]);
});

test('the shift of a group is applied, and said; keV, and text over several lines', () => {
  const text = HEAD + group("'label','a','comment','one\ntwo','is_xmu',1,'bkg_z','Fe','bkg_eshift','-1.5'");
  expect(read(text)[0]).toMatchObject({
    energyEv: [7099, 7100, 7101],
    notes: ['the energies are moved by -1.5 eV, as the project says'],
  });
  const keV =
    HEAD + group("'label','a','is_kev',1,'is_xmu',1,'bkg_z','Fe'").replace(/'71(\d\d)\.5'/g, "'7.1$15'");
  expect(read(keV)[0]).toMatchObject({
    energyEv: [7100.5, 7101.5, 7102.5].map((ev) => expect.closeTo(ev, 6)),
  });
});

test('the absorber: what is said, else by E0, and E0 against a neighbour of the edge', () => {
  const byE0 = HEAD + group("'label','a','is_xmu',1,'bkg_e0','7115'");
  expect(read(byE0)[0]).toMatchObject({
    element: 'Fe',
    notes: ["the absorber is Fe K, by the group's E0 of 7115 eV"],
  });
  const wrong = HEAD + group("'label','a','is_xmu',1,'bkg_z','Ho','fft_edge','k','bkg_e0','8981'");
  expect(read(wrong)[0]).toMatchObject({ element: 'Cu', edge: 'K' });
  const other = HEAD + group("'label','a','is_xmu',1,'bkg_z','Ce','fft_edge','l3','bkg_e0','5723'");
  expect(read(other)[0]).toMatchObject({ element: 'Ce', edge: 'L3' });
  expect(read(other, { element: 'V' })[0]).toMatchObject({ element: 'V', edge: 'K' });
  const unknown = HEAD + group("'label','a','is_xmu',1");
  expect(read(unknown)[0]).toMatchObject({ reject: expect.stringContaining('name it with --element') });
});

test('a JSON project', () => {
  const json = {
    _____header1: '# Athena project file -- Demeter version 0.9.26',
    qsekm: {
      args: { label: 'glass', is_xmu: 1, bkg_z: 'Fe', bkg_eshift: '0.25' },
      x: ['7100', 7101],
      y: ['0.1', 0.2],
    },
    _____journal: ['words'],
  };
  expect(read(JSON.stringify(json))).toEqual([
    expect.objectContaining({ id: 'glass', energyEv: [7100.25, 7101.25], mu: Float64Array.of(0.1, 0.2) }),
  ]);
});

test.each([
  ['torn', `${HEAD}@args = ('label','a`, 'a list that is torn'],
  [
    'JSON that is torn',
    '{"_____header1": "# Athena project file", "a": {',
    'Expected an Athena project, got',
  ],
  ['without groups', HEAD, 'groups of mu(E), got none'],
  [
    'unequal',
    HEAD + group("'label','a','is_xmu',1,'bkg_z','Fe'", '1,2'),
    'as many numbers of mu as energies, got 2 and 3',
  ],
])('a project that is %s: a reject that says so', (_, text, detail) => {
  expect(read(text)).toEqual([expect.objectContaining({ reject: expect.stringContaining(detail) })]);
});
