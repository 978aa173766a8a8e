import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { SHARED_BROKER_SETTINGS } from '../../../demo/services/start-kafka.ts';
import { ENGINE_NAMES } from '../../../src/model/engine.ts';
import { ROOT } from '../../docs/documents.ts';
import { importGraph } from '../../import-graph.ts';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const compose = read('docker-compose.yml');
const dockerfile = read('Dockerfile');

type Stages = ReadonlyMap<string, { readonly base: string; readonly copies: readonly string[] }>;

/** Stages of a Dockerfile: what each stands on, and where what it copies lies in the image. */
const stagesOf = (file: string): Stages =>
  new Map(
    file.split(/^(?=FROM )/m).flatMap((text) => {
      const [, base, stage] = /^FROM (\S+) AS (\S+)$/m.exec(text) ?? [];
      const copies = [...text.matchAll(/^COPY (?:--from=\S+ )?(.+) \S+$/gm)].flatMap(([, from]) =>
        from!.split(' '),
      );
      const paths = copies.map((path) => path.replace('/app/', ''));
      return stage === undefined ? [] : [[stage, { base: base!, copies: paths }] as const];
    }),
  );
const STAGES = stagesOf(dockerfile);
const ON_GPU = stagesOf(read('Dockerfile.gpu'));

/** The image and the file of each service of ours. */
const STARTED = compose.split(/^ {2}(?=\w+:$)/m).flatMap((service): [string, string][] => {
  const file = /"tsx", "([^"]+)"/.exec(service)?.[1];
  return file === undefined ? [] : [[/target: (\w+)/.exec(service)?.[1] ?? 'services', file]];
});

function copiedInto(stage: string): readonly string[] {
  const found = STAGES.get(stage);
  return found === undefined ? [] : [...copiedInto(found.base), ...found.copies];
}

describe('docker-compose.yml', () => {
  test("gives the broker the embedded start's settings", () => {
    for (const [key, value] of Object.entries(SHARED_BROKER_SETTINGS)) {
      const name = `KAFKA_${key.toUpperCase().replaceAll('.', '_')}`;
      expect(compose).toMatch(new RegExp(`^ +${name}: "?${value}"?$`, 'm'));
    }
  });

  test("runs the embedded start's Kafka", () => {
    const [, version] = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>(.+)<\/version>/.exec(
      read('demo/services/pom.xml'),
    )!;
    expect(compose).toContain(`image: apache/kafka:${version}\n`);
  });

  test('pins every image to a full version', () => {
    const ours = [...STAGES.keys(), 'xanes-stream', 'xanes-stream-replay'];
    const images = [...`${compose}\n${dockerfile}`.matchAll(/(?:image: |^FROM )(\S+)/gm)].map(
      ([, image]) => image!,
    );
    const foreign = images.filter((image) => !ours.includes(image));
    expect(foreign).toHaveLength(3); // Kafka, Redis, Node
    for (const image of foreign) expect(image).toMatch(/:\d+\.\d+\.\d+(-\w+)*$/);
  });

  test('our services run as a user, on a read-only root, without capabilities', () => {
    const services = Object.values<Record<string, unknown>>(parse(compose, { merge: true }).services);
    const ours = services.filter(({ build }) => build !== undefined);
    expect(ours).toHaveLength(7);
    for (const service of ours) {
      expect(service).toMatchObject({ user: 'node', read_only: true, tmpfs: ['/tmp'], cap_drop: ['ALL'] });
      expect(service.security_opt).toEqual(['no-new-privileges:true']);
    }
  });

  test('starts files that are there', () => {
    expect(STARTED).toEqual([
      ['services', 'src/bin/topics.ts'],
      ['services', 'src/bin/processor.ts'],
      ['services', 'src/bin/projection.ts'],
      ['services', 'src/bin/changes.ts'],
      ['services', 'src/bin/accumulate.ts'],
      ['services', 'dashboard/server/main.ts'],
      ['replay', 'demo/replay.ts'],
    ]);
    for (const [, file] of STARTED) expect(read(file)).not.toBe('');
  });
});

test('on a GPU the processor is an image of Dockerfile.gpu, by an engine that is there', () => {
  const { processor } = parse(read('docker-compose.gpu.yml')).services;
  expect(ON_GPU.get(processor.build.target)?.base).toMatch(/^nvidia\/cuda:\d+\.\d+\.\d+-cudnn/);
  expect(ENGINE_NAMES).toContain(processor.environment.MODEL_ENGINE);
  for (const path of ON_GPU.get('cuda-app')!.copies) expect(read(path)).not.toBe('');
});

describe('the images', () => {
  test.each(STARTED)('%s holds all that %s loads, as dependencies of production', async (target, file) => {
    const { modules } = await importGraph(ROOT, [file]);
    const files = modules
      .filter(({ source }) => !source.startsWith('node_modules/'))
      .map(({ source }) => source);
    expect(files).toContain(file);
    const copied = copiedInto(target);
    const lies = (path: string) => copied.some((folder) => path === folder || path.startsWith(`${folder}/`));
    expect(files.filter((path) => !lies(path) && existsSync(join(ROOT, path)))).toEqual([]);
    const packages = modules.flatMap(({ dependencies }) =>
      dependencies.filter(
        ({ typeOnly, dependencyTypes }) => !typeOnly && dependencyTypes.includes('npm-dev'),
      ),
    );
    expect(packages.map(({ module }) => module)).toEqual([]);
  });

  test('hold nothing else: no workbench, no tools, no tests; the services no demo', () => {
    const sources = (target: string) => copiedInto(target).filter((path) => !/package|npmrc/.test(path));
    expect(sources('services').sort()).toEqual([
      ...['dashboard/protocol', 'dashboard/server', 'dist', 'models', 'schemas', 'src'],
    ]);
    expect(sources('replay').sort()).toEqual(['data/li-x-coo2', 'demo', 'schemas', 'src']);
  });

  test('are made of what .dockerignore lets in', () => {
    const letIn = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path]) => path!);
    const wanted = [...STAGES.values(), ...ON_GPU.values()]
      .flatMap(({ copies }) => copies)
      .filter((path) => path !== 'dist' && !path.startsWith('/'));
    const covered = (path: string) => letIn.some((each) => path === each || path.startsWith(`${each}/`));
    expect(wanted.filter((path) => !covered(path))).toEqual([]);
  });
});
