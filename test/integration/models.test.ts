import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import type { Comparison } from '../../src/comparison/compare-answers.ts';
import { listBundles } from '../../src/registry/file-registry.ts';
import { registryJson } from '../../src/registry/registry-json.ts';
import type { WireDescriptors } from '../../src/wire/generated.ts';
import { exampleScan } from '../faults/scans.ts';
import { type ModelRegistry, makeModelRegistry } from '../model-registry.ts';
import { serveFolder } from '../serve-folder.ts';
import { until } from '../until.ts';
import { addressOf, type Flow, metric, startFlow } from './flow.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
const SAMPLES = 7;
let registry: ModelRegistry;
let folder: string;
let flow: Flow;
let running: RunningProcess[] = [];
beforeAll(() => {
  registry = makeModelRegistry();
  folder = mkdtempSync(join(tmpdir(), 'model-file-'));
});
afterAll(() => {
  registry.remove();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  flow = await startFlow(brokers);
});
afterEach(async () => {
  await Promise.all(running.map((each) => each.stop()));
  running = [];
  await flow.close();
});

const start = async (env: Readonly<Record<string, string>>, program?: string) => {
  const started = await flow.start({ MODEL_REGISTRY: registry.folder, ...env }, program);
  running.push(started);
  return started;
};

let published = 0;
beforeEach(() => {
  published = 0;
});
const publish = async (rounds: number) => {
  for (let round = 0; round < rounds; round += 1) {
    const scans = Array.from({ length: SAMPLES }, (_, i) => exampleScan(`sample-${i}`, published / SAMPLES));
    published += scans.length;
    await flow.publish(scans);
  }
};

const nameOf = ({ model }: WireDescriptors) => `${model.id}@${model.hash}`;
const readiness = async (processor: RunningProcess) =>
  (await (await fetch(`${addressOf(processor)}/readyz`)).json()) as {
    readonly ok: boolean;
    readonly model: { readonly hash: string };
    readonly modelRefused?: { readonly wanted: string; readonly reason: string };
  };

/** Samples whose scans did not come in their order. */
const outOfOrder = (events: readonly WireDescriptors[]) =>
  events.filter(({ sampleId, sequence }, i) =>
    events.slice(0, i).some((before) => before.sampleId === sampleId && before.sequence >= sequence),
  );

describe('another model under load', () => {
  test('each scan once, in order, by one model or the other; one that cannot be had leaves the model in use', async () => {
    const file = join(folder, 'model');
    const ask = (name: string) => writeFileSync(file, `${name}\n`);
    ask(registry.shipped.slice(0, 'spt-8@'.length + 8));
    const processor = await start({ MODEL_FILE: file, WORKERS: '2', BATCH_MAX_SIZE: '8' });

    // The first model judges something of each partition.
    await publish(1);
    await until(() => flow.seen() === SAMPLES);
    let publishing = true;
    const stream = (async () => {
      while (publishing) await publish(1);
    })();
    await until(() => flow.seen() > 50);
    ask(registry.strict);
    await until(() => processor.output().includes('another model judges from here on'));
    const seen = flow.seen();
    await until(() => flow.seen() > seen + 50);
    publishing = false;
    await stream;
    expect(await metric(processor, 'xanes_model_info', registry.strict.split('@')[1])).toBe(1);

    for (const [wanted, reason] of [
      ['spt-8@00000000', `there: ${[registry.broken, registry.shipped, registry.strict].sort().join(', ')}`],
      [registry.broken, 'weights.bin as bundle.json names it'],
      ['spt-8', 'Expected a model as name@hash'],
    ]) {
      ask(wanted!);
      await until(async () => (await readiness(processor)).modelRefused?.wanted === wanted);
      const { ok, model, modelRefused } = await readiness(processor);
      expect(ok).toBe(true);
      expect(`spt-8@${model.hash}`).toBe(registry.strict);
      expect(modelRefused!.reason).toContain(reason);
      expect(await metric(processor, 'xanes_model_refused')).toBe(1);
      // Its log comes by another way than its answers.
      await until(() => processor.output().includes(`"wanted":"${wanted}"`));
      const said = processor
        .output()
        .split('\n')
        .filter((line) => line.includes(`"wanted":"${wanted}"`));
      expect(said.at(-1)).toContain('the model in use stays: Expected');
    }
    await publish(2);
    ask(registry.strict);
    await until(async () => (await metric(processor, 'xanes_model_refused')) === 0);
    expect((await readiness(processor)).modelRefused).toBeUndefined();

    const { descriptors, deadLetters, lost, doubled } = await flow.outcomes();
    expect({ deadLetters, lost, doubled }).toEqual({ deadLetters: [], lost: [], doubled: [] });
    expect(descriptors).toHaveLength(published);
    expect(outOfOrder(descriptors)).toEqual([]);
    for (const partition of new Set(descriptors.map(({ source }) => source.partition))) {
      const events = descriptors.filter(({ source }) => source.partition === partition);
      const models = events.sort((a, b) => a.source.offset - b.source.offset).map(nameOf);
      const swappedAt = models.indexOf(registry.strict);
      expect(swappedAt).toBeGreaterThan(0);
      expect(new Set(models.slice(0, swappedAt))).toEqual(new Set([registry.shipped]));
      expect(new Set(models.slice(swappedAt))).toEqual(new Set([registry.strict]));
    }
  });

  test('a start with a model that is not there ends with one line that lists what is', async () => {
    const env = { ...flow.env, MODEL_REGISTRY: registry.folder, MODEL: 'spt-9@12345678' };
    const processor = await startProcess('processor', { ...typescript('src/bin/processor.ts'), env });
    running.push(processor);
    expect(await processor.exited).toEqual({ code: 1, signal: null });
    expect(processor.output()).toMatch(
      /"level":60.*Expected one model spt-9@12345678 in .*, got none; there: spt-8@[0-9a-f]{64}, /,
    );
  });
});

describe('a shadow beside the live model', () => {
  const execute = promisify(execFile);
  const command = (program: string, ...flags: string[]) =>
    execute(process.execPath, ['--import', 'tsx', program, ...flags], {
      env: { ...process.env, ...flow.env },
      maxBuffer: 64 * 1024 * 1024,
    });

  async function allCommitted(groupId: string): Promise<boolean> {
    const topic = flow.env.TOPIC_SCANS!;
    const admin = flow.kafka.admin();
    await admin.connect();
    const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const ends = await admin.fetchTopicOffsets(topic);
    await admin.disconnect();
    return ends.every(
      ({ partition, high }) =>
        high === '0' || group?.partitions.find((each) => each.partition === partition)?.offset === high,
    );
  }

  test('judges the same scans once each, through a kill, and a report says where it differs', async () => {
    writeFileSync(join(registry.folder, 'registry.json'), registryJson(listBundles(registry.folder)));
    const server = await serveFolder(registry.folder);
    await command('src/bin/topics.ts', '--shadow');
    const live = await start({ MODEL: registry.shipped });
    const shadowEnv = {
      MODEL: registry.strict,
      MODEL_REGISTRY: server.url,
      MODEL_CACHE: join(folder, 'cache'),
    };
    const killed = await start(shadowEnv, 'src/bin/shadow.ts');
    await publish(15);
    await until(async () => (await metric(killed, 'xanes_scans_total')) > 0);
    killed.signal('SIGKILL');
    await publish(15);
    await start(shadowEnv, 'src/bin/shadow.ts');

    const { descriptors, lost, doubled } = await flow.outcomes();
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
    expect(new Set(descriptors.map(nameOf))).toEqual(new Set([registry.shipped]));
    await until(() => allCommitted(`${flow.env.KAFKA_GROUP}.shadow`));
    const { stdout } = await command('src/bin/compare.ts', '--json');
    const { scans, only, models, values } = JSON.parse(stdout) as Comparison;
    expect(scans).toBe(published);
    expect(only).toEqual({ first: 0, second: 0 });
    expect(models).toEqual({
      first: { [registry.shipped]: published },
      second: { [registry.strict]: published },
    });
    const classes = values.find(({ name }) => name === 'CN')!;
    expect(classes).toMatchObject({ scans: published, differ: 0, accepted: { second: 0, both: 0 } });
    expect(classes.accepted.first).toBeGreaterThan(0);
    expect(classes.verdicts['ACCEPT to FLAG']).toBe(classes.accepted.first);
    expect(classes.examples[0]).toMatchObject({
      ...{ element: 'Co', first: { verdict: 'ACCEPT' } },
      second: { verdict: 'FLAG', reason: 'low-confidence' },
    });
    expect(await live.stop()).toEqual({ code: 0, signal: null });
    await server.close();
  });
});
