import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { COMMAND_NAMES } from '../../workbench/command-list.ts';

function workbench(...args: readonly string[]) {
  const command = ['--import', 'tsx', 'workbench/main.ts', ...args];
  return spawnSync(process.execPath, command, { encoding: 'utf8' });
}

const FILES = readdirSync('workbench/commands').map((file) => basename(file, '.ts'));

describe('npm run workbench', () => {
  test('lists the commands that there are files of, and no other', () => {
    const { status, stdout } = workbench('--help');
    expect(status).toBe(0);
    expect([...COMMAND_NAMES].sort()).toEqual(FILES.sort());
    for (const name of FILES) expect(stdout).toMatch(new RegExp(`^ {2}${name} {2,}\\w`, 'm'));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  test('without a command says the same, as an error', () => {
    const { status, stderr } = workbench();
    expect(status).toBe(2);
    expect(stderr).toBe(workbench('--help').stdout);
  });

  test('a command that is not there is answered in one line, with the nearest name', () => {
    const { status, stdout, stderr } = workbench('calibate', '--help');
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe('Expected a command, got calibate: did you mean calibrate? --help lists them\n');
  });

  test('no file outside of commands/ can be run by its path', () => {
    expect(workbench('../training/flags').status).toBe(2);
  });

  test.each(FILES)(
    '%s --help names the command as it is called',
    (name) => {
      const { status, stdout } = workbench(name, '--help');
      expect(status).toBe(0);
      const called = name === 'evaluate' ? 'npm run -s evaluate -- ' : `npm run workbench -- ${name} `;
      expect(stdout).toContain(`\n  ${called}`);
    },
    60_000,
  );

  test('what the user can mend is one line without a stack', () => {
    const { status, stderr } = workbench('evaluate');
    expect(status).toBe(1);
    expect(stderr).toBe('Expected --data FILE: see --help\n');
  }, 60_000);

  test('an option that a command does not have', () => {
    const { status, stderr } = workbench('train', '--epoch', '3');
    expect(status).toBe(2);
    expect(stderr).toMatch(/Unknown option '--epoch'[^\n]*\n--help lists the options\.\n$/);
  }, 60_000);
});
