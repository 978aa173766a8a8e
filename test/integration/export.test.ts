import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pythonWith } from '../../python/python-with.ts';
import { systemClock } from '../../src/common/clock.ts';
import { kafkaClient } from '../../src/consumers/kafka-client.ts';
import { partitionFetcher } from '../../src/consumers/partition-fetcher.ts';
import { CSV } from '../../src/exports/csv.ts';
import { exportFolder } from '../../src/exports/export-folder.ts';
import { exportScans } from '../../src/flows/export-flow.ts';
import { recordedScans } from '../../src/flows/recorded-scans.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { createLogger } from '../../src/runtime/telemetry.ts';
import type { WireDescriptors } from '../../src/wire/generated.ts';
import { ROOT } from '../docs/documents.ts';
import { exampleScan } from '../faults/scans.ts';
import { type Flow, startFlow } from './flow.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
const folder = mkdtempSync(join(tmpdir(), 'export-'));
const at = (...path: readonly string[]) => join(folder, ...path);
/** Ends what would wait for ever; no measure of speed. */
const WITHIN_MS = 600_000;
const SCANS_A = 6;

let flow: Flow;
let python: string;
let events: readonly WireDescriptors[];

/** In transmission, all at the same energies. */
function transmission(sequence: number): Scan {
  const scan = exampleScan('A, with "quotes"', 0);
  const i0 = scan.energyEv.map((_, i) => 1e5 + i + sequence);
  const it = scan.mu!.map((mu, i) => i0[i]! * Math.exp(-mu - 0.001 * Math.sin(i * sequence)));
  const names = { scanId: `A/${sequence}`, runId: 'run-1', sequence };
  return { ...scan, ...names, mode: 'TRANSMISSION', mu: null, i0, it };
}

/** Every energy is a little elsewhere in each scan, as an encoder reads it. */
function fluorescence(sequence: number): Scan {
  const scan = exampleScan('B', sequence);
  const i0 = scan.energyEv.map(() => 1e5);
  const energyEv = scan.energyEv.map((energy) => energy + 0.001 * sequence);
  return {
    ...scan,
    runId: 'run-2',
    energyEv,
    mode: 'FLUORESCENCE',
    mu: null,
    i0,
    if: scan.mu!.map((mu) => mu * 1e4),
  };
}

const dead = (): Scan => {
  const scan = exampleScan('C', 0);
  return { ...scan, runId: 'run-2', mu: scan.mu!.map(() => 1) };
};

const scans = [
  ...Array.from({ length: SCANS_A }, (_, i) => transmission(i)),
  ...Array.from({ length: 3 }, (_, i) => fluorescence(i)),
  dead(),
  exampleScan('D', 0),
];
const byId = new Map(scans.map((scan) => [scan.scanId, scan]));

beforeAll(async () => {
  const requirements = join(import.meta.dirname, 'read-export/requirements.txt');
  [python, flow] = await Promise.all([
    pythonWith({ requirements, home: 'read-export' }),
    startFlow(brokers, { partitions: 2 }),
  ]);
  await flow.publish(scans);
  const processor = await flow.start();
  ({ descriptors: events } = await flow.outcomes());
  await processor.stop();
}, WITHIN_MS);

afterAll(async () => {
  await flow?.close();
  rmSync(folder, { recursive: true });
});

async function run(program: string, ...args: readonly string[]) {
  const child = spawn('node', ['--import', 'tsx', program, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...flow.env },
  });
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await exit, out, err };
}

const exported = (...args: readonly string[]) => run('src/bin/export.ts', ...args);

async function pythonReads(...paths: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const child = spawn(python, [join(import.meta.dirname, 'read-export/read_export.py'), ...paths]);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (err !== '') throw new Error(err);
  return JSON.parse(out);
}

/** Datasets and attributes by their paths. */
type NexusEntry = Readonly<Record<string, unknown>>;
/** Of a line of CSV; a cell with commas stands in quotes. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain!);

type ParquetRow = Readonly<Record<'scanId', string>> & Readonly<Record<string, unknown>>;

const eventOf = (scanId: string) => events.find((event) => event.scanId === scanId)!;

/** What predict says of files, in the order of the scans in them. */
async function predicted(...paths: readonly string[]) {
  const { out } = await run('src/bin/predict.ts', '--json', ...paths);
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const round = (value: number) => Number(value.toPrecision(4));
/** As predict writes it. */
const meansOf = ({ means }: WireDescriptors) =>
  Object.fromEntries(
    means.map(({ name, verdict, value }) => [name, { verdict: verdict.toLowerCase(), value: round(value) }]),
  );

describe('npm run export', () => {
  test(
    'NeXus: h5py reads the raw numbers beside what was said of them; predict says the same again',
    async () => {
      const out = at('nexus');
      const { code, out: said } = await exported('--format', 'nexus', '--run', 'run-1', '--out', out);
      expect({ code, said }).toEqual({ code: 0, said: `${SCANS_A} scans, in 1 parts in ${out}\n` });
      const file = join(out, 'scans-00001.nxs');
      const entries = Object.values((await pythonReads(file))[file] as Record<string, NexusEntry>);
      expect(entries).toHaveLength(1);
      const entry = entries[0]!;
      const ofA = scans.slice(0, SCANS_A);
      expect(entry).toMatchObject({
        '@NX_class': 'NXentry',
        definition: 'NXxas',
        'element/symbol': 'Co',
        'edge/name': 'K',
        'mode/name': 'transmission',
        'energy@units': 'eV',
        'energy@scale': 'feff10',
        'plot@signal': 'intensity',
        'plot@axes': 'energy',
        collection_identifier: 'run-1',
        'sample/name': 'A, with "quotes"',
        entry_identifier: ofA.map(({ scanId }) => scanId),
        energy: [...ofA[0]!.energyEv],
        'plot/energy': [...ofA[0]!.energyEv],
        'instrument/i0/data': ofA.map(({ i0 }) => [...i0!]),
        'instrument/itrans/data': ofA.map(({ it }) => [...it!]),
        'descriptors/model/hash': ofA.map(({ scanId }) => eventOf(scanId).model.hash),
        'descriptors/source/offset': ofA.map(({ scanId }) => eventOf(scanId).source.offset),
        'descriptors/advice': ofA.map(({ scanId }) => eventOf(scanId).advice),
        'descriptors/refused': ofA.map(() => ''),
      });
      expect(entry.intensity).toEqual(
        ofA.map(({ i0, it }) => [...i0!].map((each, i) => Math.log(each / it![i]!))),
      );
      for (const name of ['OS', 'CN', 'NNRS']) {
        const said = ofA.map(({ scanId }) => eventOf(scanId).descriptors.find((each) => each.name === name)!);
        expect(entry[`descriptors/${name}/value`]).toEqual(said.map(({ value }) => value));
        expect(entry[`descriptors/${name}/verdict`]).toEqual(said.map(({ verdict }) => verdict));
        expect(entry[`descriptors/${name}/confidence`]).toEqual(said.map(({ confidence }) => confidence));
      }
      const again = await predicted(file);
      expect(again.map(({ mean }) => mean)).toMatchObject(ofA.map(({ scanId }) => meansOf(eventOf(scanId))));
    },
    WITHIN_MS,
  );

  test(
    'XDI: the same numbers to the last digit, read by predict; a refused scan says why',
    async () => {
      const out = at('xdi');
      const { code, out: said } = await exported('--format', 'xdi', '--all', '--out', out);
      const count = scans.length;
      expect({ code, said }).toEqual({
        code: 0,
        said: `${count} scans, of which 1 were refused, in 1 parts in ${out}\n`,
      });
      const names = readdirSync(join(out, 'scans-00001'));
      const texts = names.map((name) => readFileSync(join(out, 'scans-00001', name), 'utf8'));
      const idOf = (xdi: string) => /scan_id: (.*)/.exec(xdi)![1]!;
      expect(texts.map(idOf).sort()).toEqual([...byId.keys()].sort());
      for (const xdi of texts) {
        const scan = byId.get(idOf(xdi))!;
        const columns = /^# (energy .*)$/m.exec(xdi)![1]!.split(' ');
        const rows = xdi.split('\n').filter((line) => /^\d/.test(line));
        const column = (name: string) => rows.map((row) => Number(row.split(' ')[columns.indexOf(name)]));
        expect(column('energy')).toEqual([...scan.energyEv]);
        if (scan.i0) expect(column('i0')).toEqual([...scan.i0]);
        if (scan.it) expect(column('itrans')).toEqual([...scan.it]);
        if (scan.if) expect(column('ifluor')).toEqual([...scan.if]);
        if (scan.mu) expect(column('mutrans')).toEqual([...scan.mu]);
      }
      expect(texts.filter((xdi) => xdi.includes('refused: dead-channel:'))).toHaveLength(1);
      const again = await predicted(join(out, 'scans-00001'));
      for (const [i, answer] of again.entries()) {
        const event = eventOf(idOf(texts[names.indexOf(names.sort()[i]!)]!));
        if (event === undefined) expect(answer.reason).toBe('dead-channel');
        else expect(answer.mean).toMatchObject(meansOf(event));
      }
    },
    WITHIN_MS,
  );

  test(
    'CSV and Parquet: a row a scan; pyarrow reads the spectra too',
    async () => {
      const [csv, parquet] = [at('csv'), at('parquet')];
      await exported('--format', 'csv', '--run', 'run-2', '--out', csv);
      await exported('--format', 'parquet', '--run', 'run-2', '--out', parquet);
      const file = join(parquet, 'scans-00001.parquet');
      const rows = (await pythonReads(file))[file] as ParquetRow[];
      expect(rows.map(({ scanId }) => scanId).sort()).toEqual(['B/0', 'B/1', 'B/2', 'C/0']);
      for (const row of rows) {
        const [scan, event] = [byId.get(row.scanId)!, eventOf(row.scanId)];
        expect(row.energyEv).toEqual([...scan.energyEv]);
        expect(row.if).toEqual(scan.if && [...scan.if]);
        expect(row.i0).toEqual(scan.i0 && [...scan.i0]);
        expect(row.reason).toBe(event ? null : 'dead-channel');
        expect(row.OS).toBe(event?.descriptors.find(({ name }) => name === 'OS')?.value ?? null);
        expect(row.mean_OS_verdict).toBe(event?.means[0]?.verdict.toLowerCase() ?? null);
        expect(row.model_hash).toBe(event?.model.hash ?? null);
      }
      const lines = readFileSync(join(csv, 'scans-00001.csv'), 'utf8').trim().split('\r\n');
      expect(lines).toHaveLength(5);
      const head = lines[0]!.split(',');
      for (const line of lines.slice(1)) {
        const cells = cellsOf(line);
        const row = rows.find(({ scanId }) => scanId === cells[0])!;
        expect(cells[head.indexOf('OS')]).toBe(row.OS === null ? '' : String(row.OS));
        expect(cells[head.indexOf('e0Ev')]).toBe(row.e0Ev === null ? '' : String(row.e0Ev));
      }
    },
    WITHIN_MS,
  );

  test(
    'one that is cut off goes on behind its last whole part, and a later one adds what came since',
    async () => {
      const fetcher = partitionFetcher(kafkaClient({ brokers, clientId: 'export-test' }), Date.now);
      const recorded = recordedScans({
        ...{ registry: null, waitMs: 0, clock: systemClock, logger: createLogger('export-test', 'warn') },
      });
      const topics = { descriptors: { name: flow.env.TOPIC_DESCRIPTORS!, topicId: 'x' } };
      const out = at('cut');
      /** `failAfter`: scans after which the process is gone. */
      const session = async (failAfter: number) => {
        const whole = exportFolder(
          out,
          { format: 'csv', selection: {}, topics },
          { ...CSV, scansPerPart: 2 },
        );
        let added = 0;
        const add: typeof whole.add = async (scan) => {
          if (added === failAfter) throw new Error('gone');
          added += 1;
          await whole.add(scan);
        };
        await exportScans({
          ...{ fetcher, recorded, selection: {}, folder: { ...whole, add }, clock: systemClock },
          onProgress: () => {},
          descriptorsTopic: flow.env.TOPIC_DESCRIPTORS!,
          deadLettersTopic: flow.env.TOPIC_DEAD_LETTERS!,
        });
        return whole.counts();
      };
      try {
        await expect(session(5)).rejects.toThrow('gone');
        expect(readdirSync(out)).toContain('scans-00003.csv.unfinished');
        await expect(session(1)).rejects.toThrow('gone');
        const { scans: written, refused } = await session(100);
        expect({ written, refused }).toEqual({ written: scans.length, refused: 1 });
        const ids = readdirSync(out)
          .filter((name) => name.endsWith('.csv'))
          .flatMap((name) => readFileSync(join(out, name), 'utf8').trim().split('\r\n').slice(1))
          .map((line) => line.split(',')[0]);
        expect(ids.sort()).toEqual([...byId.keys()].sort());
        expect(await session(0)).toMatchObject({ scans: scans.length });
      } finally {
        await fetcher.close();
      }
    },
    WITHIN_MS,
  );

  test(
    'says what it cannot do, in one line',
    async () => {
      await exported('--format', 'csv', '--run', 'run-1', '--out', at('taken'));
      for (const [args, code, sentence] of [
        [['--all', '--out', at('taken')], 1, /^Expected --out to hold an export of the same selection/],
        [['--run', 'no such run', '--out', at('none')], 1, /^Expected at least one scan/],
        [['--out', at('x')], 2, /^Expected scans to be chosen/],
      ] as const) {
        const result = await exported('--format', 'csv', ...args);
        expect({ args, code: result.code, lines: result.err.trim().split('\n') }).toEqual({
          ...{ args, code },
          lines: [expect.stringMatching(sentence)],
        });
      }
    },
    WITHIN_MS,
  );
});
