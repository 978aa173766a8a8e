import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A path of this checkout. */
export const at = (...path) => join(import.meta.dirname, '..', ...path);

export function onPath(command) {
  return (process.env.PATH ?? '')
    .split(':')
    .some((folder) => folder !== '' && existsSync(join(folder, command)));
}

/**
 * @param tools commands, each with the Debian package that it is of
 * @throws Error that names those that are not on the PATH
 */
export function needTools(tools) {
  const missing = Object.keys(tools).filter((tool) => !onPath(tool));
  if (missing.length === 0) return;
  const packages = missing.map((tool) => tools[tool]).join(' ');
  throw new Error(`Expected ${missing.join(', ')} on the PATH. On Debian: apt-get install ${packages}`);
}

/** Says what is being done, and after a while how long it took; on a terminal the seconds are counted. */
export async function step(name, work) {
  const startMs = Date.now();
  const seconds = () => `${Math.round((Date.now() - startMs) / 1000)} s`;
  const { stderr } = process;
  stderr.write(`${name} …`);
  const ticker = stderr.isTTY ? setInterval(() => stderr.write(`\r${name} … ${seconds()}`), 1000) : undefined;
  let end = 'failed';
  try {
    const result = await work();
    end = 'done';
    return result;
  } finally {
    clearInterval(ticker);
    stderr.write(`${stderr.isTTY ? `\r${name} …` : ''} ${end}, ${seconds()}\n`);
  }
}

export async function retry(attempts, work) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
}

/** Output of a command; an Error that ends with its output when it fails. */
export async function capture(command, args) {
  let output = '';
  const code = await run(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }, (chunk) => {
    output += chunk;
  });
  if (code !== 0) throw new Error(`${output.slice(-8000)}\nFailed: ${[command, ...args].join(' ')}`);
  return output;
}

/**
 * Exit code of a command, which is told of SIGINT and SIGTERM when we are.
 * @param onOutput gets what it writes to the outputs that `options.stdio` pipes
 * @param onStart gets the process
 */
export function run(command, args, options, onOutput = () => {}, onStart = () => {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: at(), ...options });
    onStart(child);
    const pass = (signal) => child.kill(signal);
    process.on('SIGINT', pass).on('SIGTERM', pass);
    child.stdout?.setEncoding('utf8').on('data', onOutput);
    child.stderr?.setEncoding('utf8').on('data', onOutput);
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('SIGINT', pass).off('SIGTERM', pass);
      resolve(code ?? 1);
    });
  });
}
