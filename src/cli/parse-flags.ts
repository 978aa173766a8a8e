import { parseArgs } from 'node:util';

/** `parseArgs` for a command. */
export const parseFlags: typeof parseArgs = (config) => readFlags(() => parseArgs(config));

/** What is refused is said in one line, and the process ends with code 2, as commands do that were called wrongly. */
export function readFlags<Flags>(read: () => Flags): Flags {
  try {
    return read();
  } catch (error) {
    console.error(`${(error as Error).message}\n--help lists the options.`);
    process.exit(2);
  }
}
