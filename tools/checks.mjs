// npm run lint: format, lint, types and the rules of the rooms; two checks at a time, the longest first.
import { at, capture } from './steps.mjs';

const AT_ONCE = 2;
const ROOMS = ['src', 'dashboard', 'demo', 'workbench', 'tools', 'clients', 'bench', 'python'];
const CHECKS = [
  ['eslint', '.'],
  ['tsc', '--noEmit'],
  ['tsc', '--noEmit', '-p', 'dashboard/client'],
  ['tsc', '--noEmit', '-p', 'clients/typescript'],
  ['depcruise', '--config', '.dependency-cruiser.cjs', ...ROOMS],
  ['biome', 'check', '.'],
];

/** Says what a check found, when it found something. */
async function passes(command, args) {
  try {
    await capture(command, args);
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  }
}

// The examples of the client import it as its users do: built.
const built = await passes('npm', ['run', '-s', 'build', '-w', '@xanes-stream/client']);
const waiting = [...CHECKS];
async function runInTurn() {
  let passed = true;
  for (let check = waiting.shift(); check; check = waiting.shift()) {
    const [command, ...args] = check;
    passed = (await passes(at('node_modules/.bin', command), args)) && passed;
  }
  return passed;
}
const passed = await Promise.all(Array.from({ length: AT_ONCE }, runInTurn));
process.exitCode = [built, ...passed].every(Boolean) ? 0 : 1;
