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
    ['src/services/processor.ts', 'demo/tally.ts'],
    ['src/runtime/config.ts', 'bench/throughput.ts'],
    ['src/runtime/telemetry.ts', 'tools/schemas.ts'],
    ['src/bin/processor.ts', 'dashboard/server/main.ts'],
    ['src/common/clock.ts', 'clients/typescript/src/client.ts'],
    ['src/model/load-model.ts', 'test/model/golden.ts'],
  ],
  'messages-import-nothing': [
    ['src/messages/scan.ts', 'src/common/errors.ts'],
    ['src/messages/scan.ts', 'node_modules/zod/index.js'],
    ['src/messages/scan.ts', 'node:fs'],
  ],
  'bin-is-imported-by-nobody': [
    ['src/services/processor.ts', 'src/bin/processor.ts'],
    ['demo/demo.ts', 'src/bin/processor.ts'],
  ],
  'wire-imports-what-is-below': [
    ['src/wire/scan-codec.ts', 'src/common/errors.ts'],
    ['src/wire/scan-codec.ts', 'src/spectra/thin.ts'],
  ],
  'common-imports-what-is-below': [['src/common/clock.ts', 'src/runtime/telemetry.ts']],
  'cli-imports-what-is-below': [['src/cli/run-command.ts', 'src/runtime/telemetry.ts']],
  'kafka-imports-what-is-below': [['src/kafka/kafka-cluster.ts', 'src/consumers/scan-source.ts']],
  'consumers-imports-what-is-below': [['src/consumers/scan-source.ts', 'src/producers/create-topics.ts']],
  'bluesky-imports-what-is-below': [
    ['src/bluesky/mapping.ts', 'src/consumers/scan-source.ts'],
    ['src/bluesky/mapping.ts', 'src/flows/bluesky-flow.ts'],
  ],
  'accumulation-imports-what-is-below': [
    ['src/accumulation/accumulate-scan.ts', 'src/change-points/detector.ts'],
    ['src/accumulation/accumulate-scan.ts', 'src/flows/accumulate-step.ts'],
  ],
  'change-points-imports-what-is-below': [
    ['src/change-points/detector.ts', 'src/gating/gate.ts'],
    ['src/change-points/detector.ts', 'src/flows/job-flow.ts'],
  ],
  'comparison-imports-what-is-below': [
    ['src/comparison/answer.ts', 'src/gating/gate.ts'],
    ['src/comparison/answer.ts', 'src/flows/read-answers.ts'],
  ],
  'registry-imports-what-is-below': [
    ['src/registry/registry.ts', 'src/bundle/bundle.ts'],
    ['src/registry/registry.ts', 'src/model/manifest.ts'],
  ],
  'schema-registry-imports-what-is-below': [
    ['src/schema-registry/known-schemas.ts', 'src/consumers/scan-source.ts'],
  ],
  'formats-imports-what-is-below': [['src/formats/xdi.ts', 'src/spectra/check-energies.ts']],
  'spectra-imports-what-is-below': [['src/spectra/prepare.ts', 'src/model/manifest.ts']],
  'standards-imports-what-is-below': [['src/standards/standards-reader.ts', 'src/spectra/prepare.ts']],
  'gating-imports-what-is-below': [['src/gating/gate.ts', 'src/model/manifest.ts']],
  'model-imports-what-is-below': [
    ['src/model/load-model.ts', 'src/gating/gate.ts'],
    ['src/model/load-model.ts', 'src/pipeline.ts'],
  ],
  'producers-imports-what-is-below': [
    ['src/producers/outcome-publisher.ts', 'src/consumers/kafka-client.ts'],
    ['src/producers/outcome-publisher.ts', 'src/services/projection.ts'],
  ],
  'exports-imports-what-is-below': [
    ['src/exports/xdi.ts', 'src/formats/xdi.ts'],
    ['src/exports/xdi.ts', 'src/flows/export-flow.ts'],
  ],
  'runtime-imports-what-is-below': [['src/runtime/config.ts', 'src/bundle/bundle.ts']],
  'bundle-imports-what-is-below': [['src/bundle/bundle.ts', 'src/threads/open-chain.ts']],
  'knowledge-imports-what-is-below': [
    ['src/knowledge/read-standards.ts', 'src/scan-chain.ts'],
    ['src/knowledge/read-standards.ts', 'src/flows/culprits.ts'],
  ],
  'scan-chain-imports-what-is-below': [['src/scan-chain.ts', 'src/threads/thread-pool.ts']],
  'threads-imports-what-is-below': [['src/threads/thread-pool.ts', 'src/pipeline.ts']],
  'flows-imports-what-is-below': [
    ['src/flows/job-flow.ts', 'src/pipeline.ts'],
    ['src/flows/job-flow.ts', 'src/services/job.ts'],
    ['src/flows/export-flow.ts', 'src/cli/selection-flags.ts'],
  ],
  'pipeline-imports-what-is-below': [['src/pipeline.ts', 'src/services/processor.ts']],
  'services-imports-what-is-below': [
    ['src/services/processor.ts', 'src/files/offline.ts'],
    ['src/services/reprocess.ts', 'src/cli/selection-flags.ts'],
  ],
  'files-imports-what-is-below': [['src/files/offline.ts', 'src/services/processor.ts']],
  'doors-imports-what-is-below': [['src/doors/export-events.ts', 'src/services/projection.ts']],
  'a-file-of-src-has-a-room': [['workbench/main.ts', 'src/telemetry.ts']],
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
    ['dashboard/server/main.ts', 'src/services/projection.ts'],
    ['dashboard/server/main.ts', 'workbench/data/folds.ts'],
    ['dashboard/server/main.ts', 'demo/tally.ts'],
  ],
  'protocol-is-types-only': [
    ['dashboard/protocol/events.ts', 'src/runtime/config.ts'],
    ['dashboard/protocol/events.ts', 'node_modules/zod/index.js'],
  ],
  'page-knows-the-protocol-only': [
    ['dashboard/client/src/main.ts', 'src/common/errors.ts'],
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
  'replay-needs-no-clients': [['demo/replay.ts', 'clients/typescript/dist/client.js']],
  'the-beamline-is-the-demos': [['demo/replay.ts', 'demo/beamline.ts']],
  'clients-stand-by-themselves': [
    ['clients/typescript/src/client.ts', 'src/wire/scan-codec.ts'],
    ['clients/typescript/examples/lab-agent.ts', 'demo/services/kafka-client.ts'],
  ],
  'python-imports-errors-only': [['python/python-with.ts', 'demo/services/start-process.ts']],
};

/** What the rules let pass, so that a rule which forbids everything is seen too. */
const SOUND: readonly (readonly [string, string])[] = [
  ['src/pipeline.ts', 'src/gating/gate.ts'],
  ['src/bin/processor.ts', 'src/services/processor.ts'],
  ['src/spectra/prepare.ts', 'src/spectra/thin.ts'],
  ['src/spectra/prepare.ts', 'src/common/errors.ts'],
  ['src/consumers/scan-source.ts', 'src/wire/scan-codec.ts'],
  ['src/consumers/kafka-client.ts', 'node_modules/kafkajs/index.js'],
  ['src/producers/outcome-publisher.ts', 'src/messages/scan.ts'],
  ['src/wire/scan-codec.ts', 'node_modules/avsc/index.js'],
  ['src/cli/run-command.ts', 'src/common/errors.ts'],
  ['src/bundle/bundle.ts', 'src/registry/bundle-json.ts'],
  ['src/flows/job-flow.ts', 'src/consumers/scan-source.ts'],
  ['src/services/processor.ts', 'src/pipeline.ts'],
  ['src/doors/said-by-people.ts', 'src/files/make-standard.ts'],
  ['dashboard/server/main.ts', 'src/doors/said-by-people.ts'],
  ['src/model/load-model.ts', 'node_modules/onnxruntime-node/index.js'],
  ['dashboard/client/src/main.ts', 'dashboard/protocol/events.ts'],
  ['dashboard/protocol/events.ts', 'src/messages/scan.ts'],
  ['dashboard/server/main.ts', 'src/messages/scan.ts'],
  ['workbench/main.ts', 'src/gating/gate.ts'],
  ['demo/demo.ts', 'src/consumers/kafka-client.ts'],
  ['demo/demo.ts', 'demo/beamline.ts'],
  ['demo/beamline.ts', 'clients/typescript/dist/client.js'],
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
  const root = written('src/bin/topics.ts', 'src/runtime/config.ts');
  expect(await unreached(root)).toEqual([]);
  writeFileSync(join(root, 'src/runtime/forgotten.ts'), "export { a } from './config.ts';\n");
  expect(await unreached(root)).toEqual(['src/runtime/forgotten.ts']);
});
