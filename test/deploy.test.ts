import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { dashboardMetrics } from '../dashboard/server/dashboard-metrics.ts';
import { createBlueskyMetrics } from '../src/flows/bluesky-metrics.ts';
import { createProjectionMetrics } from '../src/flows/projection-metrics.ts';
import { readConfig } from '../src/runtime/config.ts';
import { createMetrics } from '../src/runtime/telemetry.ts';
import { createAccumulateMetrics } from '../src/services/accumulate.ts';
import { createChangesMetrics } from '../src/services/changes.ts';
import { ROOT, readText } from './docs/documents.ts';
import { BASE, FOLDERS, kustomizationOf, type Manifest, manifests } from './manifests.ts';

const kustomization = kustomizationOf(BASE);
const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
const podsOf = (manifest: Manifest) => manifest.spec.template.spec;

/** Where kubernetes-types has a kind. */
const TYPES: Readonly<Record<string, string>> = {
  'v1/Namespace': 'core/v1',
  'v1/Service': 'core/v1',
  'apps/v1/Deployment': 'apps/v1',
  'batch/v1/Job': 'batch/v1',
  'policy/v1/PodDisruptionBudget': 'policy/v1',
  'networking.k8s.io/v1/NetworkPolicy': 'networking/v1',
};

describe('deploy/kubernetes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What the compiler says of manifests, given Kubernetes' types: fields that are not there, or of another type. */
  function complaints(given: readonly Manifest[]): string {
    const typed = given.flatMap((manifest, i) => {
      const module = TYPES[`${manifest.apiVersion}/${manifest.kind}`];
      const path = join(ROOT, `node_modules/kubernetes-types/${module}`);
      return module === undefined
        ? []
        : [
            `import type { ${manifest.kind} as T${i} } from '${path}';\n`,
            `export const m${i}: T${i} = ${JSON.stringify(manifest)};\n`,
          ];
    });
    writeFileSync(join(folder, 'manifests.ts'), typed.join(''));
    const flags = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--moduleResolution',
      'bundler',
      '--module',
      'esnext',
    ];
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(
      process.execPath,
      [tsc, ...flags, '--ignoreConfig', join(folder, 'manifests.ts')],
      {
        encoding: 'utf8',
      },
    );
    return stdout;
  }

  test('manifests have the fields that Kubernetes knows, and no others', () => {
    expect(complaints(manifests)).toBe('');
    const [budget] = ofKind('PodDisruptionBudget');
    const wrong = [{ ...budget!, spec: { ...budget!.spec, maxUnavailabel: 1 } }];
    expect(complaints(wrong)).toMatch(/maxUnavailabel/);
  });

  test.each(FOLDERS)('every file of %s is part of it, for the same namespace and image', (folder) => {
    const { resources, namespace, images } = kustomizationOf(folder);
    const files = readdirSync(join(ROOT, folder)).filter((file) => file !== 'kustomization.yaml');
    expect([...resources].sort()).toEqual(files.sort());
    expect(namespace).toBe('xanes');
    const { version } = JSON.parse(readText('package.json'));
    expect(images).toEqual([{ name: 'xanes-stream', newTag: version }]);
  });

  test("every kind is one whose types are checked, or KEDA's", () => {
    const unchecked = manifests.filter(({ apiVersion, kind }) => !TYPES[`${apiVersion}/${kind}`]);
    expect(unchecked.map(({ apiVersion }) => apiVersion)).toEqual(['keda.sh/v1alpha1']);
  });

  test('settings are ours, and all pods have them', () => {
    const [{ name, literals }] = kustomization.configMapGenerator;
    const settings = Object.fromEntries((literals as string[]).map((literal) => literal.split(/=(.*)/s)));
    expect(Object.keys(readConfig({}))).toEqual(expect.arrayContaining(Object.keys(settings)));
    expect(() => readConfig(settings)).not.toThrow();
    for (const manifest of [...ofKind('Deployment'), ...ofKind('Job')]) {
      const [container] = podsOf(manifest).containers;
      expect(container.envFrom[0].configMapRef.name).toBe(name);
      expect(container.image).toBe(kustomization.images[0].name);
    }
  });

  test('a processor has memory for as many threads as it is told to start', () => {
    const [{ literals }] = kustomization.configMapGenerator;
    const workers = Number((literals as string[]).find((each) => each.startsWith('WORKERS='))?.slice(8));
    const processor = ofKind('Deployment').find(({ metadata }) => metadata.name === 'processor')!;
    const limitMb = Number.parseInt(podsOf(processor).containers[0].resources.limits.memory, 10);
    // docs/performance.md: 889 MB at most with one thread, up to 150 MB for each after it.
    expect(limitMb).toBeGreaterThan(900 + 150 * (workers - 1));
  });

  test('pods run as a user, on a read-only root, without rights; the programs are there', () => {
    for (const manifest of [...ofKind('Deployment'), ...ofKind('Job')]) {
      const pod = podsOf(manifest);
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const { command, securityContext, resources } of pod.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(existsSync(join(ROOT, command.at(-1)))).toBe(true);
        expect(resources.limits.memory).toMatch(/Mi$/);
      }
    }
  });

  test('probes ask the paths and the port that a service has', () => {
    const port = Number(readText(`${BASE}/kustomization.yaml`).match(/PORT=(\d+)/)![1]);
    for (const manifest of ofKind('Deployment')) {
      const [{ ports, livenessProbe, readinessProbe, startupProbe }] = podsOf(manifest).containers;
      expect(ports).toEqual([{ name: 'http', containerPort: port }]);
      expect([startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet)).toEqual(
        ['/healthz', '/healthz', '/readyz'].map((path) => ({ path, port: 'http' })),
      );
    }
  });

  test('selectors choose the pods of a deployment each', () => {
    const components = ofKind('Deployment').map(({ metadata }) => metadata.name);
    for (const { metadata, spec } of ofKind('Deployment')) {
      expect(spec.selector.matchLabels).toEqual({ 'app.kubernetes.io/component': metadata.name });
      expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
    }
    const budgets = ofKind('PodDisruptionBudget').map(
      ({ spec }) => Object.values(spec.selector.matchLabels)[0],
    );
    expect(budgets.sort()).toEqual([...components].sort());
    const known = [...components, 'topics'];
    for (const { spec } of ofKind('NetworkPolicy')) {
      const { matchLabels = {}, matchExpressions = [] } = spec.podSelector;
      const named = [
        ...Object.values(matchLabels),
        ...matchExpressions.flatMap((e: { values: string[] }) => e.values),
      ];
      for (const name of named) expect(known).toContain(name);
    }
  });

  test('pods that speak to Kafka or to Redis may reach it, and no others', () => {
    const mayReach = (namespace: string): string[] =>
      ofKind('NetworkPolicy')
        .filter(({ spec }) =>
          JSON.stringify(spec.egress ?? []).includes(`"kubernetes.io/metadata.name":"${namespace}"`),
        )
        .flatMap(({ spec }) => spec.podSelector.matchExpressions[0].values)
        .sort();
    const components = ofKind('Deployment').map(({ metadata }) => metadata.name);
    expect(mayReach('kafka')).toEqual([...components, 'topics'].sort());
    expect(mayReach('redis')).toEqual(['dashboard', 'projection']);
  });

  test('a service has no favourite pod: behind an ingress all visitors have one address', () => {
    for (const { spec } of ofKind('Service')) expect(spec.sessionAffinity).toBeUndefined();
  });

  test('the scaler looks at the topic and group of the processors, and stops at a processor a partition', () => {
    const settings = readConfig({});
    const [{ spec }] = ofKind('ScaledObject') as [Manifest];
    const [{ metadata }] = spec.triggers;
    expect(metadata).toMatchObject({ topic: settings.TOPIC_SCANS, consumerGroup: settings.KAFKA_GROUP });
    expect(kustomization.configMapGenerator[0].literals).toEqual(
      expect.arrayContaining([
        `KAFKA_BROKERS=${metadata.bootstrapServers}`,
        `TOPIC_PARTITIONS=${spec.maxReplicaCount}`,
      ]),
    );
    expect(ofKind('Deployment').map((deployment) => deployment.metadata.name)).toContain(
      spec.scaleTargetRef.name,
    );
    expect(Object.values(metadata).every((value) => typeof value === 'string')).toBe(true); // as KEDA wants it
  });
});

describe('deploy/prometheus and deploy/grafana', () => {
  const registries = [
    createMetrics(),
    createProjectionMetrics(['any']),
    createBlueskyMetrics(),
    createChangesMetrics(),
    createAccumulateMetrics(),
    dashboardMetrics(),
  ].map(({ registry }) => registry);
  const rules = parse(readText('deploy/prometheus/alerts.yml')).groups[0].rules as {
    readonly alert: string;
    readonly expr: string;
  }[];
  const board = JSON.parse(readText('deploy/grafana/xanes-stream.json'));
  const queries: string[] = board.panels.flatMap((panel: { targets: { expr: string }[] }) =>
    panel.targets.map(({ expr }) => expr),
  );

  /** Name -> labels of every metric; of a histogram its parts. */
  function metricNames(): Map<string, readonly string[]> {
    const all = registries.flatMap((registry) => registry.getMetricsAsArray());
    return new Map(
      all.flatMap((metric): [string, readonly string[]][] => {
        const {
          name,
          labelNames = [],
          type,
        } = metric as unknown as {
          name: string;
          labelNames?: string[];
          type: string;
        };
        const isHistogram = String(type) === 'histogram' || 'buckets' in metric || 'upperBounds' in metric;
        return isHistogram
          ? ['bucket', 'sum', 'count'].map((part) => [`${name}_${part}`, [...labelNames, 'le']])
          : [[name, labelNames]];
      }),
    );
  }

  test('every metric in them exists, with the labels that they use', async () => {
    const known = metricNames();
    for (const expr of [...queries, ...rules.map((rule) => rule.expr)]) {
      const names = expr.match(/\b(xanes|process|nodejs)_\w+/g)!;
      expect([expr, names.filter((name) => !known.has(name))]).toEqual([expr, []]);
      const labels = [...expr.matchAll(/by \(([^)]*)\)|\{(\w+)=/g)].flatMap(([, by, label]) =>
        (by ?? label)!.split(',').map((each) => each.trim()),
      );
      const allowed = ['instance', ...names.flatMap((name) => known.get(name)!)];
      expect([expr, labels.filter((label) => !allowed.includes(label))]).toEqual([expr, []]);
    }
  });

  test('each alert has a part in the runbook, and the runbook names no other', () => {
    const named = readText('docs/runbook.md').match(/(?<=`)Xanes\w+(?=`)/g) ?? [];
    expect([...new Set(named)].sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  test('each alert has a fault that fires it (deploy/prometheus/alerts.test.yml, which promtool runs)', () => {
    const fired = readText('deploy/prometheus/alerts.test.yml').match(/(?<=alertname=")\w+/g) ?? [];
    expect([...new Set(fired)].sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  test('a service that an alert misses when it is gone shows that metric from its start', async () => {
    const shown = (await Promise.all(registries.map((registry) => registry.metrics()))).join('\n');
    const missed = rules.flatMap(({ expr }) =>
      [...expr.matchAll(/(?:absent|present_over_time)\((\w+)/g)].map(([, name]) => name!),
    );
    expect(missed).toHaveLength(5);
    for (const name of missed) expect(shown).toMatch(new RegExp(`^${name}(\\{.*)? 0$`, 'm'));
  });

  test('every counter whose increase an alert looks at is there before it counts: its first event is one', async () => {
    const lines = (await Promise.all(registries.map((registry) => registry.metrics())))
      .join('\n')
      .split('\n');
    for (const { alert, expr } of rules) {
      for (const [, name, selector = ''] of expr.matchAll(/(?:increase|rate)\((\w+)(?:\{([^}]*)\})?\[/g)) {
        const [, label, values = ''] = /(\w+)=~?"([^"]*)"/.exec(selector) ?? [];
        const shown = (text: string) => lines.some((line) => line.startsWith(name!) && line.includes(text));
        const wanted = label ? values.split('|').map((value) => `${label}="${value}"`) : [' 0'];
        expect([alert, wanted.filter((text) => !shown(text))]).toEqual([alert, []]);
      }
    }
  });
});
