import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createProducer, quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { createFlowTopics } from '../../src/producers/create-topics.ts';
import { hdf5File } from '../formats/hdf5-file.ts';
import { COBALT, syntheticEdge } from '../spectra/synthetic-edge.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const brokers = process.env.KAFKA_BROKERS_TEST!;
const id = randomUUID().slice(0, 8);
const topics = {
  TOPIC_SCANS: `standard-scans-${id}`,
  TOPIC_DESCRIPTORS: `standard-descriptors-${id}`,
  TOPIC_DEAD_LETTERS: `standard-dead-letters-${id}`,
  TOPIC_STANDARDS: `standard-standards-${id}`,
  TOPIC_RUN_REFERENCES: `standard-references-${id}`,
  TOPIC_RUNS: `standard-runs-${id}`,
};
const folder = mkdtempSync(join(tmpdir(), 'standard-'));
const file = (name: string) => join(folder, name);

/** Columns of a computed edge; the foil's monochromator reads 3 eV too high. */
function write(name: string, e0Ev: number, highEv = 0): void {
  const { energyEv, mu } = syntheticEdge({ ...COBALT, e0Ev });
  const rows = Array.from(energyEv, (energy, i) => `${energy + highEv} ${mu[i]}`);
  writeFileSync(file(name), ['# Element.symbol: Co', '# energy mu', ...rows].join('\n'));
}

beforeAll(async () => {
  await createFlowTopics(quietKafkaClient(brokers.split(',')), topics, 1);
  write('foil.dat', 7709, 3);
  write('oxide.dat', 7719);
  write('far.dat', 7600);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command as an operator would. */
async function standard(...args: string[]): Promise<{ code: number | null; out: string[]; err: string[] }> {
  const run = spawn('node', ['--import', 'tsx', 'src/bin/standard.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...topics, KAFKA_BROKERS: brokers },
  });
  const linesOf = async (stream: Readable) => (await text(stream)).split('\n').filter((line) => line !== '');
  const exit = new Promise<number | null>((resolve) => run.on('close', resolve));
  const [out, err] = await Promise.all([linesOf(run.stdout), linesOf(run.stderr)]);
  return { code: await exit, out, err };
}

async function listed(): Promise<Record<string, unknown>[]> {
  return (await standard('list', '--json')).out.map((line) => JSON.parse(line));
}

describe('npm run standard', () => {
  test('adds a foil and a sample, lists them, ends one and withdraws the other', async () => {
    expect(await listed()).toEqual([]);
    const place = ['--beamline', 'P65', '--valid-from', '2026-11-26T08:00:00Z'];
    const foil = await standard('add', file('foil.dat'), ...place, '--known', 'foil');
    const known = ['--mean-oxidation-state', '2.67', '--uncertainty', '0.1'];
    const sample = await standard('add', file('oxide.dat'), ...place, ...known);
    expect({ ...foil, ...sample, code: foil.code }).toMatchObject({ code: 0, err: [] });
    expect(foil.out).toEqual([
      expect.stringMatching(/^Co-K-foil-\w{12} +P65 +Co K +foil +from 2026-11-26T08/),
    ]);
    expect(sample.out).toEqual([expect.stringMatching(/^Co-K-os2.67-\w{12} +P65 +Co K +OS 2.67 ± 0.1/)]);

    const [foilId, sampleId] = [foil, sample].map(({ out }) => out[0]!.split(' ')[0]!);
    const common = { beamline: 'P65', element: 'Co', edge: 'K', validFromMs: Date.UTC(2026, 10, 26, 8) };
    const state = { kind: 'mean-oxidation-state', value: 2.67, uncertainty: 0.1 };
    expect(await listed()).toEqual([
      { standardId: foilId, ...common, validUntilMs: null, known: { kind: 'foil' } },
      { standardId: sampleId, ...common, validUntilMs: null, known: state },
    ]);
    expect((await standard('list')).out).toHaveLength(2);

    // The same file added again is the same standard.
    await standard('add', file('foil.dat'), ...place, '--known', 'foil');
    expect(await listed()).toHaveLength(2);

    const early = await standard('end', foilId!, '--at', '2026-11-26T07:00:00Z');
    expect(early).toMatchObject({ code: 1, err: [expect.stringMatching(/Expected --at to be later/)] });
    await standard('end', foilId!, '--at', '2026-11-27T08:00:00Z');
    await standard('withdraw', sampleId!);
    expect(await listed()).toMatchObject([
      { standardId: foilId, validUntilMs: Date.UTC(2026, 10, 27, 8), known: { kind: 'foil' } },
    ]);
  });

  test('says what it cannot take, and publishes nothing then', async () => {
    const before = await listed();
    const foil = ['--beamline', 'P65', '--known', 'foil'];
    for (const [args, code, sentence] of [
      [['add', file('far.dat'), ...foil], 1, /far.dat cannot be a standard: Expected/],
      [['add', file('foil.dat'), file('far.dat'), ...foil], 1, /far.dat cannot be a standard/],
      [['add', file('none.dat'), ...foil], 1, /none.dat, which does not exist/],
      [['add', file('foil.dat'), '--known', 'foil'], 2, /Expected --beamline to name the beamline/],
      [['add', file('foil.dat'), '--beamline', 'P65'], 2, /Expected --known foil, or --mean-oxidation-state/],
      [['add', file('foil.dat'), ...foil, '--uncertainty', '1'], 2, /Expected --known foil without/],
      [['add', file('foil.dat'), ...foil, '--valid-from', '2026-11-26 08:00'], 2, /a time with its zone/],
      [['withdraw', 'Co-K-foil-0'], 1, /Expected the id of a standard, got Co-K-foil-0/],
      [['melt'], 2, /Expected add, list, end or withdraw, got melt/],
    ] as const) {
      const result = await standard(...args);
      expect({ args, ...result }).toEqual({ args, code, out: [], err: [expect.stringMatching(sentence)] });
    }
    expect(await listed()).toEqual(before);
  });

  test('reads files as predict does: at a path of HDF5, with an offset of the energies', async () => {
    const before = await listed();
    const { energyEv, mu } = syntheticEdge({ ...COBALT, e0Ev: 7619 });
    await hdf5File(file('deep.h5'), { deep: { er: { energy: energyEv, mu } } });
    const args = ['add', file('deep.h5'), '--beamline', 'P66', '--element', 'Co', '--path', 'deep/er'];
    const known = ['--mean-oxidation-state', '3', '--uncertainty', '0.1'];
    const wrong = await standard(...args, ...known, '--offset', 'much');
    expect(wrong).toEqual({
      code: 2,
      out: [],
      err: [expect.stringMatching(/Expected --offset to be a number/)],
    });
    expect((await standard(...args, ...known)).err).toEqual([expect.stringMatching(/cannot be a standard/)]);
    const { code, out, err } = await standard(...args, ...known, '--offset', '100');
    expect({ code, out, err }).toEqual({ code: 0, out: [expect.stringMatching(/P66 +Co K/)], err: [] });
    await standard('withdraw', out[0]!.split(' ')[0]!);
    expect(await listed()).toEqual(before);
  });

  test('passes over records that are none, and says so', async () => {
    const producer = createProducer(quietKafkaClient(brokers.split(',')));
    await producer.connect();
    await producer.send({ topic: topics.TOPIC_STANDARDS, messages: [{ key: 'x', value: 'no standard' }] });
    await producer.disconnect();
    const { code, err, out } = await standard('list');
    expect({ code, err }).toEqual({
      code: 0,
      err: [expect.stringMatching(/^1 records of .* are no standards/)],
    });
    expect(out).toHaveLength(1);
  });
});
