import { FatalError } from '../../src/errors.ts';

/** Runs a command; what the user can mend is said in one line, without a stack. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    const parse = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
    if (!parse && !(error instanceof FatalError)) throw error;
    console.error((error as Error).message);
    process.exitCode = parse ? 2 : 1;
  }
}
