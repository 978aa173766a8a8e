// npm run workbench -- <command>: what makes and judges models. No service loads anything of it.

const [command, ...args] = process.argv.slice(2);
process.argv.splice(2, process.argv.length, ...args);
await import(`./commands/${command}.ts`);
