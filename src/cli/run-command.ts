import { FatalError } from '../errors.ts';

/** Runs a command; what the user can mend is said in one line, without a stack. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof FatalError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
