import { expect, test } from '@jest/globals';
import { commandLine, leftOut } from '../../../workbench/training/flags.ts';

test('a command is told without the folders of this machine', () => {
  const args = ['--data', '/home/me/data', '--epochs', '3', '--out=/tmp/x', '--model', 'spt', '--resume'];
  expect(commandLine('fine-tune', args)).toBe('npm run workbench -- fine-tune --epochs 3');
});

test('an option whose name only begins alike stays, with its value', () => {
  expect(commandLine('train', ['--distil-share', '0.5', '--distil-from', 'a,b'])).toBe(
    'npm run workbench -- train --distil-share 0.5',
  );
});

test('what has spaces is quoted', () => {
  expect(commandLine('train', ['--why', 'it is cheap'])).toBe(
    'npm run workbench -- train --why "it is cheap"',
  );
});

test('without options', () => {
  expect(commandLine('train', [])).toBe('npm run workbench -- train');
});

test('folders that are left out, or none', () => {
  expect(leftOut({ 'leave-out': 'li-x-coo2, cu-feff9' })).toEqual(['li-x-coo2', 'cu-feff9']);
  expect(leftOut({ 'leave-out': 'none' })).toEqual([]);
  expect(() => leftOut({ 'leave-out': '' })).toThrow('Expected --leave-out to be values separated by commas');
});
