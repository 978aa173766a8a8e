import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { loadModel } from '../../../src/model/load-model.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'training-'));
const data = join(folder, 'mine');
mkdirSync(data);
copyFileSync('data/battery-feff10/sites.jsonl', join(data, 'sites.jsonl'));
afterAll(() => rmSync(folder, { recursive: true }));

const command = (script: string, ...args: readonly string[]) =>
  run(process.execPath, ['--import', 'tsx', 'workbench/main.ts', script, ...args]);
const PATIENCE = 600_000; // ms: TensorFlow is loaded anew by each command, on whatever machine
const small = ['--architecture', 'mlp', '--features', '16', '--repeat', '1', '--data', data];

test(
  'train, fine-tune and export on a folder of the user',
  async () => {
    const [trained, tuned] = [join(folder, 'trained'), join(folder, 'tuned')];
    const { stderr } = await command('train', ...small, '--epochs', '3', '--out', trained, '--id', 'mine');
    expect(stderr).toMatch(/epoch 3\/3 {2}loss \d/);
    const { manifest } = openBundle(trained, { gate: 'optional' });
    expect(manifest.id).toBe('mine');
    expect(manifest.network.elements).toContain('O');
    expect(manifest.network.elements).not.toContain('Li'); // five spectra teach nothing
    expect(manifest.training.files).toEqual([
      { file: 'mine/sites.jsonl', sha256: expect.stringMatching(/^[0-9a-f]{64}$/), spectra: 251 },
    ]);
    expect(readFileSync(join(trained, 'learning-curve.svg'), 'utf8')).toMatch(/^<svg/);
    expect(existsSync(join(trained, 'checkpoint.bin'))).toBe(false);

    await command(
      'fine-tune',
      '--model',
      trained,
      '--data',
      data,
      '--epochs',
      '1',
      '--out',
      tuned,
      '--heads-only',
    );
    expect(openBundle(tuned, { gate: 'optional' }).manifest.training.from).toEqual({
      id: 'mine',
      hash: manifest.hash,
    });

    const file = join(folder, 'tuned.onnx');
    const { stdout } = await command('export', '--model', tuned, '--out', file);
    expect(stdout).toContain('MFLOP a spectrum');
    expect(readFileSync(file).equals(readFileSync(join(tuned, 'model.onnx')))).toBe(true);
    const model = await loadModel(openBundle(tuned, { gate: 'optional' }), { engine: 'onnxruntime' });
    expect(model.identity.id).toBe('trained-tuned');
    await model.close();
  },
  PATIENCE,
);

test(
  'an expert has one head',
  async () => {
    const out = join(folder, 'expert');
    await command('train', ...small, '--epochs', '1', '--descriptors', 'OS', '--out', out);
    const { classes, reals } = openBundle(out, { gate: 'optional' }).manifest.network;
    expect([...Object.keys(classes), ...Object.keys(reals)]).toEqual(['OS']);
  },
  PATIENCE,
);

test(
  'a wrong line is named with its file, line and field',
  async () => {
    const wrong = join(folder, 'wrong');
    mkdirSync(wrong);
    const [first] = readFileSync(join(data, 'sites.jsonl'), 'utf8').split('\n');
    const broken = { ...JSON.parse(first!), element: 7 };
    writeFileSync(join(wrong, 'sites.jsonl'), `${first}\n${JSON.stringify(broken)}\n`);
    await expect(command('train', '--data', wrong)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/sites\.jsonl, line 2.*element/),
    });
  },
  PATIENCE,
);

test(
  'a checkpoint of another run is not gone on from',
  async () => {
    const out = join(folder, 'broken-off');
    const child = command('train', ...small, '--epochs', '50', '--out', out);
    child.child.stderr!.on('data', (text: string) => {
      if (text.includes('epoch 2/50')) child.child.kill('SIGKILL');
    });
    await expect(child).rejects.toMatchObject({ signal: 'SIGKILL' });
    expect(existsSync(join(out, 'checkpoint.bin'))).toBe(true);
    await expect(
      command('train', ...small, '--epochs', '50', '--seed', '2', '--out', out, '--resume'),
    ).rejects.toMatchObject({ stderr: expect.stringContaining('Expected the checkpoint') });
  },
  PATIENCE,
);
