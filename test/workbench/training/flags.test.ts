import { expect, test } from '@jest/globals';
import { commandLine } from '../../../workbench/training/flags.ts';

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
