import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const folder = mkdtempSync(join(tmpdir(), 'setup-cuda-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder like that of onnxruntime-node, with its package.json. */
function packageFolder(name: string) {
  const home = join(folder, name, 'bin/napi-v6/linux/x64');
  mkdirSync(home, { recursive: true });
  copyFileSync('node_modules/onnxruntime-node/package.json', join(folder, name, 'package.json'));
  return { into: join(folder, name), home };
}

const setup = (into: string, PATH = '') =>
  spawnSync(process.execPath, ['tools/setup-cuda.mjs', '--into', into], {
    env: { ...process.env, PATH },
    encoding: 'utf8',
  });

test('its version is that of onnxruntime-node, and it names the tools that it needs', () => {
  const { into, home } = packageFolder('bare');
  const { status, stderr } = setup(into);
  expect(stderr).toMatch(
    /^Expected python3, unzip on the PATH\. On Debian: apt-get install python3-pip unzip$/m,
  );
  expect(status).toBe(1);
  expect(readdirSync(home)).toEqual([]);
});

test('another version of onnxruntime-node is refused', () => {
  const { into } = packageFolder('other');
  writeFileSync(join(into, 'package.json'), '{ "version": "1.2.3" }');
  expect(setup(into)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/Expected .*, got 1\.2\.3$/m),
  });
});

test('setting up again does nothing', () => {
  const { into, home } = packageFolder('ready');
  writeFileSync(join(home, 'libonnxruntime_providers_cuda.so'), '');
  // An empty PATH: pip could not even be started.
  expect(setup(into)).toMatchObject({ status: 0, stdout: expect.stringContaining(`provider is in ${home}`) });
});

test('a wheel of another hash is refused, and nothing is left', () => {
  const { into, home } = packageFolder('changed');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  // pip's last argument is the folder that it downloads to.
  writeFileSync(join(bin, 'python3'), '#!/bin/sh\nfor last; do :; done\necho changed > "$last/a.whl"\n', {
    mode: 0o755,
  });
  writeFileSync(join(bin, 'unzip'), '', { mode: 0o755 });
  const { status, stderr } = setup(into, bin);
  expect(stderr).toMatch(/Expected a\.whl to have the sha256 6acc0f4b\w+, got \w{64}$/m);
  expect(status).toBe(1);
  expect(readdirSync(home)).toEqual([]);
});
