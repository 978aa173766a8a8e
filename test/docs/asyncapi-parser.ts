import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './documents.ts';

/** Some 150 packages that nothing else here needs: fetched when the test first runs, not with the others. */
const PACKAGES = ['@asyncapi/parser@3.6.6', '@asyncapi/avro-schema-parser@3.1.0'];
const FOLDER = join(ROOT, '.cache/asyncapi-parser-3.6.6');
const run = promisify(execFile);

const PROGRAM = `
import { readFileSync } from 'node:fs';
import { AvroSchemaParser } from '@asyncapi/avro-schema-parser';
import { Parser } from '@asyncapi/parser';
const [source] = process.argv.slice(-1);
const parser = new Parser();
parser.registerSchemaParser(AvroSchemaParser());
const { document, diagnostics } = await parser.parse(readFileSync(source, 'utf8'), { source });
const found = diagnostics.map(({ message, path }) => path.join('.') + ': ' + message);
console.log(JSON.stringify({ channels: document?.channels().all().map((each) => each.address()) ?? [], found }));
`;

/** What AsyncAPI's own parser finds in a file, the schemas that it refers to included. */
export async function parsedByAsyncapi(
  file: string,
): Promise<{ readonly channels: readonly string[]; readonly found: readonly string[] }> {
  await fetchParser();
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', PROGRAM, file], {
    cwd: FOLDER, // where the packages are found
  });
  return JSON.parse(stdout);
}

async function fetchParser(): Promise<void> {
  if (existsSync(FOLDER)) return;
  const made = mkdtempSync(`${FOLDER}-`); // moved when it is whole
  try {
    const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run('npm', ['install', ...quiet, '--prefix', made, ...PACKAGES]);
    renameSync(made, FOLDER);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}
