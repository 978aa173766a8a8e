import { explain, isFatal } from '../common/errors.ts';

/** Runs a command; what the user can mend is said in one line, without a stack. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Who reads has enough, such as `head`.
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  try {
    await command();
  } catch (error) {
    if (!isFatal(error)) throw error;
    console.error(explain(error));
    process.exitCode = 1;
  }
}
