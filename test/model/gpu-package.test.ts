import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { distance, readGolden } from './golden.ts';

// In a process of its own: two TensorFlow libraries in one would register their operations twice.
test('the very package that a GPU user loads answers the golden vectors', () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'test/model/answer-golden.ts', 'tfjs-node-gpu'],
    { encoding: 'utf8' },
  );
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`Expected answers on standard output, got:\n${stdout}\n${stderr}`);
  const { engine, answers } = JSON.parse(line) as { engine: string; answers: Record<string, number[]>[] };
  const golden = readGolden();
  expect(engine).toBe('tfjs-node-gpu');
  expect(answers).toHaveLength(golden.length);
  answers.forEach((answer, i) => {
    expect(distance(answer, golden[i]!.outputs)).toBeLessThan(1e-5);
  });
});
