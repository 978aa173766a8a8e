// npm run workbench -- COMMAND: what makes and judges models. No service loads anything of it.
import { runCommand } from '../src/cli/run-command.ts';
import { COMMAND_NAMES, commandList } from './command-list.ts';
import { nearestName } from './nearest-name.ts';

/** What each file of commands/ exports. */
type Command = { run(args: readonly string[]): Promise<void> };

const [name, ...args] = process.argv.slice(2);
if (name === '--help') console.log(commandList());
else if (name === undefined) {
  console.error(commandList());
  process.exitCode = 2;
} else if (COMMAND_NAMES.includes(name)) {
  await runCommand(async () => {
    const command = (await import(`./commands/${name}.ts`)) as Command; // it alone is loaded, with what it needs
    await command.run(args);
  });
} else {
  console.error(
    `Expected a command, got ${name}: did you mean ${nearestName(name, COMMAND_NAMES)}? --help lists them`,
  );
  process.exitCode = 2;
}
