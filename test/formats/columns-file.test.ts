import { expect, test } from '@jest/globals';
import { readColumnsFile } from '../../src/formats/columns-file.ts';
import { isReject } from '../../src/messages/reject.ts';

const scanOf = (text: string) => {
  const read = readColumnsFile(text, 'a.dat', {});
  if (isReject(read)) throw new Error(read.detail);
  return read.candidates[0]!;
};

test('names of columns behind two comment signs are not moved by one', () => {
  const scan = scanOf(
    '# Element: As\n# Edge: K\n# # energy  i0  it\n11686.5 -1e-5 -2e-5\n11691.5 -1.1e-5 -2.1e-5\n',
  );
  expect(scan).toMatchObject({ element: 'As', mode: 'TRANSMISSION' });
  expect([...scan.energyEv]).toEqual([11686.5, 11691.5]);
});

test('the element of the monochromator is not the absorber', () => {
  const text =
    'XDAC V1.4 Datafile V1\nDiffraction element= Si (311).\nE0= 7112.00\n  Energy  I0  It\n6912 4484 3516\n7162 4462 3513\n';
  expect(scanOf(text)).toMatchObject({ element: 'Fe', edge: 'K' });
});
