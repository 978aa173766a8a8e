import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RegistryService, startRegistry } from '../../demo/services/start-registry.ts';
import { schemaRegistry } from '../../src/schema-registry/schema-registry.ts';
import { framed } from '../../src/wire/confluent-frame.ts';
import { encodeScan, SCAN_SCHEMA } from '../../src/wire/scan-codec.ts';
import { ROOT } from '../docs/documents.ts';
import { exampleScan } from '../faults/scans.ts';
import { type Flow, startFlow } from './flow.ts';
import { swing } from './swing.ts';

// Export and reprocess read records as processors do: in Confluent's frame too, and each sweep by itself.

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
const WITHIN_MS = 600_000;
const folder = mkdtempSync(join(tmpdir(), 'recorded-'));
const FRAMED = { ...exampleScan('framed', 0), runId: 'of-the-registry' };
/** Two of its four sweeps are refused. */
const SWEPT = { ...swing(1, 4, [1, 3]), runId: 'swept' };
const PLAIN = { ...exampleScan('plain', 0), runId: 'plain' };

let service: RegistryService;
let flow: Flow;
beforeAll(async () => {
  [service, flow] = await Promise.all([startRegistry(), startFlow(brokers, { partitions: 1 })]);
  const registry = schemaRegistry({ url: service.url, timeoutMs: 60_000 });
  const id = await registry.idOf(`${flow.env.TOPIC_SCANS}-value`, SCAN_SCHEMA);
  await flow.publish([PLAIN, SWEPT]);
  await flow.publishMessages([{ key: 'framed', value: framed(encodeScan(FRAMED).value, id) }]);
  const processor = await flow.start({ SCHEMA_REGISTRY_URL: service.url });
  await flow.outcomes();
  await processor.stop();
}, WITHIN_MS);
afterAll(async () => {
  await Promise.all([service?.close(), flow?.close()]);
  rmSync(folder, { recursive: true });
});

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const registry = { SCHEMA_REGISTRY_URL: service.url };
  return promisify(execFile)('node', ['--import', 'tsx', program, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...flow.env, ...registry, ...env },
  });
}

/** Commas outside quotes. */
const BETWEEN_CELLS = /,(?=(?:[^"]*"[^"]*")*[^"]*$)/;

/** Rows of an export to CSV by the ids of their scans. */
async function exported(run_: string, env: Readonly<Record<string, string>> = {}) {
  const out = mkdtempSync(join(folder, 'csv-'));
  const { stdout } = await run('src/bin/export.ts', ['--format', 'csv', '--run', run_, '--out', out], env);
  const [head = '', ...rows] = readFileSync(join(out, 'scans-00001.csv'), 'utf8').trim().split('\r\n');
  const reason = head.split(',').indexOf('reason');
  const cells = (row: string) => row.split(BETWEEN_CELLS);
  return {
    said: stdout,
    scans: Object.fromEntries(rows.map((row) => [cells(row)[0], cells(row)[reason]])),
  };
}

test(
  'an export has the spectra of framed records and of each sweep, also of those that are refused',
  async () => {
    const swept = await exported('swept');
    expect(swept.scans).toEqual({
      ...{ 'quick/1/1': '', 'quick/1/2': 'non-finite' },
      ...{ 'quick/1/3': '', 'quick/1/4': 'non-finite' },
    });
    // Where the record of one were not read, the command would count it.
    expect(swept.said).toMatch(/^4 scans, of which 2 were refused, in 1 parts in .*\n$/);
    const ofTheRegistry = await exported('of-the-registry');
    expect(ofTheRegistry.scans).toEqual({ [FRAMED.scanId]: '' });
    expect(ofTheRegistry.said).toMatch(/^1 scans, in 1 parts in .*\n$/);
    const out = mkdtempSync(join(folder, 'xdi-'));
    await run('src/bin/export.ts', ['--format', 'xdi', '--run', 'of-the-registry', '--out', out]);
    const { stdout } = await run('src/bin/predict.ts', ['--csv', join(out, 'scans-00001')]);
    expect(stdout.trim().split('\n')).toHaveLength(2);
  },
  WITHIN_MS,
);

test(
  'reprocessing selects by what is in a frame, and by a sweep the record that it is in',
  async () => {
    for (const [of, answer] of [
      ['of-the-registry', /^1 events and 0 dead letters/],
      ['swept', /^2 events and 1 dead letters/],
    ] as const) {
      const to = `${of}-${flow.env.KAFKA_GROUP}`;
      const { stdout } = await run('src/bin/reprocess.ts', ['--to', to, '--run', of]);
      expect(stdout).toMatch(answer);
    }
  },
  WITHIN_MS,
);

test(
  'a registry that is away ends them with a sentence',
  async () => {
    const away = { SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9', SCHEMA_REGISTRY_WAIT_MS: '1000' };
    const sentence = expect.stringMatching(/^Expected the registry .*; the same call goes on from here\n$/);
    await expect(exported('of-the-registry', away)).rejects.toMatchObject({ code: 1, stderr: sentence });
    const again = ['--to', `away-${flow.env.KAFKA_GROUP}`, '--run', 'of-the-registry'];
    await expect(run('src/bin/reprocess.ts', again, away)).rejects.toMatchObject({
      code: 1,
      stderr: sentence,
    });
  },
  WITHIN_MS,
);
