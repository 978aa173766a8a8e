// Runs before anything is installed: plain JavaScript, no package, nothing newer than Node 20.12.
import { parseArgs } from 'node:util';

/**
 * Flags and arguments of a tool, as parseArgs gives them. `--help` prints the help and ends the process; what is not
 * known is said in one line, with exit code 2.
 */
export function readArguments(help, { options = {}, allowPositionals = false } = {}) {
  let parsed;
  try {
    parsed = parseArgs({ options: { ...options, help: { type: 'boolean' } }, allowPositionals });
  } catch (error) {
    // The first sentence: it goes on about arguments that begin with a dash.
    console.error(`${error.message.split('. ')[0]}; --help lists the options`);
    process.exit(2);
  }
  if (parsed.values.help) {
    console.log(help);
    process.exit(0);
  }
  return parsed;
}
