import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { temporaryFolder } from '../../../demo/services/temporary-folder.ts';
import { pythonWith } from '../../../python/python-with.ts';
import { type Manifest, manifests } from '../../manifests.ts';

// Kubernetes' own schemas, of each version that the manifests are for, without fields that they do not know.

const VERSIONS = ['1.30', '1.31', '1.32', '1.33', '1.34', '1.35', '1.36', '1.37'];

let python: string;
const folder = temporaryFolder('kubernetes');
beforeAll(async () => {
  const requirements = join(import.meta.dirname, 'kubernetes/requirements.txt');
  python = await pythonWith({ requirements, home: 'kubernetes' });
}, 600_000);
afterAll(() => folder.remove());

/** One line for each manifest and version, and more of those that are wrong. */
function validate(given: readonly Manifest[]): { readonly ok: boolean; readonly output: string } {
  const file = join(folder.path, 'manifests.yaml');
  writeFileSync(file, given.map((manifest) => stringify(manifest)).join('---\n'));
  const versions = VERSIONS.flatMap((version) => ['-k', version]);
  const args = ['-m', 'kubernetes_validate', '--strict', ...versions, file];
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
  return { ok: status === 0, output: stdout + stderr };
}

const ofKubernetes = manifests.filter(({ apiVersion }) => !apiVersion.startsWith('keda.sh/'));

test('every manifest is what each version of Kubernetes takes', () => {
  const { ok, output } = validate(ofKubernetes);
  expect({ ok, output }).toMatchObject({ ok: true });
  expect(output.match(/passed/g)).toHaveLength(VERSIONS.length * ofKubernetes.length);
}, 600_000);

test('the control: a field that is not known, and one of another type', () => {
  const [deployment] = ofKubernetes.filter(({ kind }) => kind === 'Deployment') as [Manifest];
  const broken = (changes: object) => validate([{ ...deployment, spec: { ...deployment.spec, ...changes } }]);
  expect(broken({ replicaz: 2 })).toMatchObject({ ok: false, output: expect.stringMatching(/replicaz/) });
  expect(broken({ replicas: 'two' })).toMatchObject({ ok: false, output: expect.stringMatching(/'two'/) });
}, 600_000);
