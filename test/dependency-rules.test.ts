import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ROOT } from './docs/documents.ts';
import { importGraph, RULES } from './import-graph.ts';

/** One import for each thing that a rule forbids: [the file, what it imports]. */
const BREACHES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'no-cycles': [['src/spectra/a.ts', 'src/spectra/b.ts']], // b imports a: see `written`
  'services-import-services-only': [
    ['src/pipeline.ts', 'workbench/data/folds.ts'],
    ['src/processor.ts', 'demo/tally.ts'],
    ['src/config.ts', 'bench/throughput.ts'],
    ['src/telemetry.ts', 'tools/schemas.ts'],
    ['src/bin/processor.ts', 'dashboard/server/main.ts'],
    ['src/clock.ts', 'clients/typescript/src/client.ts'],
    ['src/model/load-model.ts', 'test/model/golden.ts'],
  ],
  'messages-import-nothing': [
    ['src/messages/scan.ts', 'src/errors.ts'],
    ['src/messages/scan.ts', 'node_modules/zod/index.js'],
    ['src/messages/scan.ts', 'node:fs'],
  ],
  'cli-imports-errors-only': [['src/cli/run-command.ts', 'src/telemetry.ts']],
  'bin-is-imported-by-nobody': [
    ['src/processor.ts', 'src/bin/processor.ts'],
    ['demo/demo.ts', 'src/bin/processor.ts'],
  ],
  'wire-imports-messages-only': [
    ['src/wire/scan-codec.ts', 'src/errors.ts'],
    ['src/wire/scan-codec.ts', 'src/spectra/thin.ts'],
  ],
  'consumers-imports-no-other-room': [['src/consumers/scan-source.ts', 'src/producers/create-topics.ts']],
  'bluesky-imports-no-other-room': [
    ['src/bluesky/mapping.ts', 'src/consumers/scan-source.ts'],
    ['src/bluesky/mapping.ts', 'src/bluesky-flow.ts'],
  ],
  'accumulation-imports-no-other-room': [
    ['src/accumulation/accumulate-scan.ts', 'src/change-points/detector.ts'],
    ['src/accumulation/accumulate-scan.ts', 'src/accumulate-step.ts'],
  ],
  'change-points-imports-no-other-room': [
    ['src/change-points/detector.ts', 'src/gating/gate.ts'],
    ['src/change-points/detector.ts', 'src/job-flow.ts'],
  ],
  'comparison-imports-no-other-room': [
    ['src/comparison/answer.ts', 'src/gating/gate.ts'],
    ['src/comparison/answer.ts', 'src/read-answers.ts'],
  ],
  'registry-knows-bundles-only': [
    ['src/registry/registry.ts', 'src/bundle.ts'],
    ['src/registry/registry.ts', 'src/model/manifest.ts'],
  ],
  'schema-registry-imports-no-other-room': [
    ['src/schema-registry/known-schemas.ts', 'src/consumers/scan-source.ts'],
  ],
  'formats-imports-no-other-room': [['src/formats/xdi.ts', 'src/spectra/check-energies.ts']],
  'spectra-imports-no-other-room': [['src/spectra/prepare.ts', 'src/model/manifest.ts']],
  'standards-imports-no-other-room': [['src/standards/standards-reader.ts', 'src/spectra/prepare.ts']],
  'gating-imports-no-other-room': [['src/gating/gate.ts', 'src/model/manifest.ts']],
  'model-imports-no-other-room': [
    ['src/model/load-model.ts', 'src/gating/gate.ts'],
    ['src/model/load-model.ts', 'src/pipeline.ts'],
  ],
  'producers-imports-no-other-room': [
    ['src/producers/outcome-publisher.ts', 'src/consumers/kafka-client.ts'],
    ['src/producers/outcome-publisher.ts', 'src/projection.ts'],
  ],
  'exports-imports-no-other-room': [
    ['src/exports/xdi.ts', 'src/formats/xdi.ts'],
    ['src/exports/xdi.ts', 'src/export-flow.ts'],
  ],
  'tensor-library-only-in-model': [
    ['src/gating/gate.ts', 'node_modules/@tensorflow/tfjs-core/index.js'],
    ['demo/demo.ts', 'node_modules/onnxruntime-node/index.js'],
  ],
  'kafka-client-only-at-the-doors': [
    ['src/pipeline.ts', 'node_modules/kafkajs/index.js'],
    ['dashboard/server/main.ts', 'node_modules/kafkajs/index.js'],
  ],
  'dashboard-reads-redis-only': [
    ['dashboard/server/main.ts', 'src/producers/redis-projection.ts'],
    ['dashboard/server/main.ts', 'src/gating/gate.ts'],
    ['dashboard/server/main.ts', 'src/projection.ts'],
    ['dashboard/server/main.ts', 'workbench/data/folds.ts'],
    ['dashboard/server/main.ts', 'demo/tally.ts'],
  ],
  'protocol-is-types-only': [
    ['dashboard/protocol/events.ts', 'src/config.ts'],
    ['dashboard/protocol/events.ts', 'node_modules/zod/index.js'],
  ],
  'page-knows-the-protocol-only': [
    ['dashboard/client/src/main.ts', 'src/errors.ts'],
    ['dashboard/client/src/main.ts', 'dashboard/server/tail.ts'],
  ],
  'workbench-commands-are-imported-by-nobody': [
    ['workbench/training/cross-fit.ts', 'workbench/commands/train.ts'],
    ['workbench/commands/fine-tune.ts', 'workbench/commands/train.ts'],
    ['bench/engines.ts', 'workbench/commands/train.ts'],
  ],
  'report-knows-no-science': [
    ['workbench/report/statistics.ts', 'workbench/data/folds.ts'],
    ['workbench/report/markdown-table.ts', 'src/messages/scan.ts'],
  ],
  'workbench-needs-no-demo': [
    ['workbench/main.ts', 'demo/tally.ts'],
    ['workbench/main.ts', 'bench/throughput.ts'],
    ['workbench/main.ts', 'dashboard/protocol/events.ts'],
    ['workbench/main.ts', 'tools/schemas.ts'],
  ],
  'demo-needs-no-workbench': [
    ['demo/demo.ts', 'workbench/data/folds.ts'],
    ['demo/demo.ts', 'tools/schemas.ts'],
  ],
  'clients-stand-by-themselves': [
    ['clients/typescript/src/client.ts', 'src/wire/scan-codec.ts'],
    ['clients/typescript/examples/lab-agent.ts', 'demo/services/kafka-client.ts'],
  ],
  'python-imports-errors-only': [['python/python-with.ts', 'demo/services/start-process.ts']],
};

/** What the rules let pass, so that a rule which forbids everything is seen too. */
const SOUND: readonly (readonly [string, string])[] = [
  ['src/pipeline.ts', 'src/gating/gate.ts'],
  ['src/bin/processor.ts', 'src/processor.ts'],
  ['src/spectra/prepare.ts', 'src/spectra/thin.ts'],
  ['src/spectra/prepare.ts', 'src/errors.ts'],
  ['src/consumers/scan-source.ts', 'src/wire/scan-codec.ts'],
  ['src/consumers/kafka-client.ts', 'node_modules/kafkajs/index.js'],
  ['src/producers/outcome-publisher.ts', 'src/messages/scan.ts'],
  ['src/wire/scan-codec.ts', 'node_modules/avsc/index.js'],
  ['src/cli/run-command.ts', 'src/errors.ts'],
  ['src/model/load-model.ts', 'node_modules/onnxruntime-node/index.js'],
  ['dashboard/client/src/main.ts', 'dashboard/protocol/events.ts'],
  ['dashboard/protocol/events.ts', 'src/messages/scan.ts'],
  ['dashboard/server/main.ts', 'src/messages/scan.ts'],
  ['workbench/main.ts', 'src/gating/gate.ts'],
  ['demo/demo.ts', 'src/consumers/kafka-client.ts'],
  ['clients/typescript/src/kafka.ts', 'node_modules/kafkajs/index.js'],
  ['clients/typescript/src/client.ts', 'clients/typescript/src/kafka.ts'],
];

const folder = mkdtempSync(join(tmpdir(), 'dependency-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

const isPackage = (path: string): boolean => path.startsWith('node_modules/');
const named = (from: string, to: string): string => {
  if (to.startsWith('node:')) return to;
  if (isPackage(to)) return dirname(to.slice('node_modules/'.length));
  const path = relative(dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
};

/** A checkout of two files, where one imports the other; returns its folder. */
function written(from: string, to: string, back = false): string {
  const root = mkdtempSync(join(folder, 'tree-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write(from, `import { a } from '${named(from, to)}';\nexport const b = a;\n`);
  if (isPackage(to)) {
    write(join(dirname(to), 'package.json'), '{ "version": "1.0.0", "main": "index.js" }');
    write(to, 'exports.a = 1;\n');
  } else if (!to.startsWith('node:')) {
    write(
      to,
      back ? `import { b } from '${named(to, from)}';\nexport const a = b;\n` : 'export const a = 1;\n',
    );
  }
  return root;
}

async function brokenRules(baseDir: string, folders: readonly string[]): Promise<string[]> {
  const { summary } = await importGraph(baseDir, folders, { checked: true });
  const { violations, totalDependenciesCruised } = summary;
  expect(totalDependenciesCruised).toBeGreaterThan(0);
  return violations.map(({ rule }) => rule.name);
}

test('every rule has an import that breaks it', () => {
  expect(Object.keys(BREACHES).sort()).toEqual(RULES.forbidden.map(({ name }) => name).sort());
});

describe.each(Object.entries(BREACHES))('%s', (rule, imports) => {
  test.each(imports)('%s may not import %s', async (from, to) => {
    const root = written(from, to, rule === 'no-cycles');
    expect([...new Set(await brokenRules(root, [from.split('/')[0]!]))]).toEqual([rule]);
  });
});

test.each(SOUND)('%s may import %s', async (from, to) => {
  expect(await brokenRules(written(from, to), [from.split('/')[0]!])).toEqual([]);
});

test('the code breaks no rule', async () => {
  const folders = ['src', 'dashboard', 'demo', 'workbench', 'tools', 'clients', 'bench', 'python'];
  expect(await brokenRules(ROOT, folders)).toEqual([]);
});

/** Files under src that neither an entry in src/bin nor the dashboard's server loads, not even for a type. */
async function unreached(baseDir: string): Promise<string[]> {
  const entries = ['src/bin', 'dashboard/server'].filter((folder) => existsSync(join(baseDir, folder)));
  const { modules } = await importGraph(baseDir, entries);
  const reached = new Set(modules.map(({ source }) => source));
  return readdirSync(join(baseDir, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => join('src', path))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !reached.has(path))
    .sort();
}

test('src holds only what a service or predict loads', async () => {
  expect(await unreached(ROOT)).toEqual([]);
});

test('a file that nothing in src/bin loads is found', async () => {
  const root = written('src/bin/topics.ts', 'src/config.ts');
  expect(await unreached(root)).toEqual([]);
  writeFileSync(join(root, 'src/forgotten.ts'), "export { a } from './config.ts';\n");
  expect(await unreached(root)).toEqual(['src/forgotten.ts']);
});
