// Runs on a machine that has only Node: plain JavaScript, no package, nothing newer than Node 20.12.
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runTests } from './run-tests.mjs';
import { setUp } from './set-up.mjs';

const HELP = `Sets up what a command needs, each part only when it is missing, then runs it.

  npm run demo [-- FLAGS]     Kafka, Redis, processor, projection, dashboard, a replayed experiment and an agent
                              npm run demo -- --help lists its flags
  npm test [-- PATTERNS]      checks and tests; with patterns only the tests whose path matches one, without the checks
  npm run setup [-- PARTS]    only sets up: everything, or the parts that are named
      services                Kafka, and Java, Maven and Redis for it
      page                    the dashboard's page in dist/
      client                  the client package for JavaScript in clients/typescript/dist/
      tensorflow              @tensorflow/tfjs-node, for training, from package registries alone
      tensorflow-gpu          @tensorflow/tfjs-node-gpu on the library for cores; for a GPU see docs/operate.md
      tests                   what the tests need beside these: Chromium, Python with FEFF10 and pymatgen, and a
                              schema registry
                              only where it is named:
      cuda                    ONNX Runtime's CUDA 13 provider, for MODEL_ENGINE=onnxruntime-cuda, by pip

Missing Debian packages are installed by apt when this is root or sudo asks no password; otherwise the command to run is
printed. KAFKA_BROKERS and REDIS_URL: use these instead of starting our own.
`;

const PARTS = ['services', 'page', 'client', 'tensorflow', 'tensorflow-gpu', 'tests'];
const NAMED_PARTS = [...PARTS, 'cuda'];

/** Called wrongly: said in one line, and the exit code is 2. */
class UsageError extends Error {}

if (import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  const [command, ...args] = process.argv.slice(2);
  try {
    process.exitCode = await main(command, args);
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : `\n${error.message}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

/** Runs one command; resolves to the exit code. */
async function main(command, args) {
  if (command === '--help' || (['test', 'setup'].includes(command) && args.includes('--help'))) {
    process.stdout.write(HELP);
    return 0;
  }
  if (command === 'demo') return demo(args);
  if (command === 'test') {
    await setUp(PARTS);
    return runTests(args);
  }
  if (command === 'setup') {
    const unknown = args.find((part) => !NAMED_PARTS.includes(part));
    if (unknown !== undefined)
      throw new UsageError(`Expected parts of ${NAMED_PARTS.join(', ')}, got ${unknown}`);
    const parts = args.length > 0 ? args : PARTS;
    await setUp(parts, { strict: true });
    console.log(`Ready: ${parts.join(', ')}`);
    return 0;
  }
  throw new UsageError(`Expected demo, test or setup, got ${command ?? 'nothing'}: see --help`);
}

/** The demo runs in this process, so that Ctrl-C reaches it first and alone. */
async function demo(args) {
  await setUp(args.includes('--help') ? ['client'] : ['services', 'page', 'client']);
  process.argv.splice(1, 2, join(import.meta.dirname, '../demo/demo.ts'));
  await import('tsx');
  await import('../demo/demo.ts');
  return process.exitCode ?? 0;
}
