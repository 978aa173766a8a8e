import { describe, expect, test } from '@jest/globals';
import {
  isDoubtful,
  kindOf,
  readManifest,
  type Standard,
  sampleOf,
} from '../../../workbench/measured/manifest.ts';

const standard = (own: Partial<Standard>): Standard => ({
  file: 'Fe/Fe2O3_rt_01.xdi',
  element: 'Fe',
  compound: 'Fe2O3',
  oxidationState: 3,
  coordinationNumber: 6,
  neighbour: 'O',
  note: '',
  ...own,
});

describe('what a manifest tells of a file', () => {
  test.each([
    ['oxide', {}],
    ['metal', { neighbour: 'Fe' }],
    ['sulphide', { neighbour: 'S' }],
    ['carbide', { neighbour: '', compound: 'Fe3C' }],
  ] as const)('kind: %s', (kind, own) => {
    expect(kindOf(standard(own))).toBe(kind);
  });

  test('a neighbour that nobody knows is an error', () => {
    expect(() => kindOf(standard({ neighbour: 'Xx' }))).toThrow(/known neighbour of Fe2O3, got "Xx"/);
  });

  test('samples whose phase is not sure', () => {
    expect(isDoubtful(standard({ note: 'nominal OS 3; phase not proven' }))).toBe(true);
    expect(isDoubtful(standard({}))).toBe(false);
  });

  test('the sample of a repeat', () => {
    expect(sampleOf(standard({}))).toBe('Fe/Fe2O3_rt');
    expect(sampleOf(standard({ file: 'Fe/goethite_xanes_004.xd' }))).toBe('Fe/goethite_xanes');
  });

  test('a folder without one is an error that names the file', () => {
    expect(() => readManifest('/nowhere')).toThrow(/Expected measured scans with \/nowhere\/manifest\.json/);
  });
});
