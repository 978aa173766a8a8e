import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { COMMAND_NAMES } from '../../workbench/command-list.ts';

type Run = { readonly status: number; readonly stdout: string; readonly stderr: string };

function workbench(...args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    const command = ['--import', 'tsx', 'workbench/main.ts', ...args];
    execFile(process.execPath, command, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const FILES = readdirSync('workbench/commands').map((file) => basename(file, '.ts'));
const SLOW = 600_000; // ms: some commands load TensorFlow, on whatever machine

/** Standard output of `COMMAND --help` by command, two at a time. */
async function helpOfAll(): Promise<ReadonlyMap<string, Run>> {
  const queue = FILES.values();
  const runs = new Map<string, Run>();
  const work = async () => {
    for (const name of queue) runs.set(name, await workbench(name, '--help'));
  };
  await Promise.all([work(), work()]);
  return runs;
}

describe('npm run workbench', () => {
  test(
    'lists the commands that there are files of, and no other, without loading one',
    async () => {
      const { status, stdout } = await workbench('--help');
      expect(status).toBe(0);
      expect([...COMMAND_NAMES].sort()).toEqual(FILES.sort());
      for (const name of FILES) expect(stdout).toMatch(new RegExp(`^ {2}${name} {2,}\\w`, 'm'));
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    },
    SLOW,
  );

  test(
    'without a command says the same, as an error',
    async () => {
      const { status, stderr } = await workbench();
      expect(status).toBe(2);
      expect(stderr).toBe((await workbench('--help')).stdout);
    },
    SLOW,
  );

  test(
    'a command that is not there is answered in one line, with the nearest name',
    async () => {
      const { status, stdout, stderr } = await workbench('calibate', '--help');
      expect(status).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toBe('Expected a command, got calibate: did you mean calibrate? --help lists them\n');
    },
    SLOW,
  );

  test(
    'no file outside of commands/ can be run by its path',
    async () => {
      expect((await workbench('../training/flags')).status).toBe(2);
    },
    SLOW,
  );

  test(
    'the help of each command begins with what it does, and names it as it is called',
    async () => {
      for (const [name, { status, stdout }] of await helpOfAll()) {
        const called = name === 'evaluate' ? 'npm run -s evaluate -- ' : `npm run workbench -- ${name} `;
        expect([name, status]).toEqual([name, 0]);
        expect(stdout).toContain(`\n  ${called}`);
        expect(stdout).toContain('\n  --help');
        expect(stdout.split('\n').filter((line) => line.length > 120)).toEqual([]);
      }
    },
    2 * SLOW,
  );

  test(
    'what the user can mend is one line without a stack',
    async () => {
      const { status, stderr } = await workbench('evaluate');
      expect(status).toBe(1);
      expect(stderr).toMatch(/^Expected --data [^\n]*\n$/);
    },
    SLOW,
  );

  test(
    'an option that a command does not have',
    async () => {
      const { status, stderr } = await workbench('train', '--epoch', '3');
      expect(status).toBe(2);
      expect(stderr).toMatch(/^Unknown option '--epoch'.*; --help lists the options\n$/);
    },
    SLOW,
  );
});
