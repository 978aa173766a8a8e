import { parseArgs } from 'node:util';

/** `parseArgs` for a command. */
export const parseFlags: typeof parseArgs = (config) => readFlags(() => parseArgs(config));

/** What is refused is said in one line, and the process ends with code 2, as commands do that were called wrongly. */
export function readFlags<Flags>(read: () => Flags): Flags {
  try {
    return read();
  } catch (error) {
    // Of what parseArgs says the first sentence: it goes on about arguments that begin with a dash.
    const [sentence] = (error as Error).message.split(/\.\s/);
    console.error(`${sentence}; --help lists the options`);
    process.exit(2);
  }
}
