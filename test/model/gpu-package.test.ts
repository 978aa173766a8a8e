import { expect, test } from '@jest/globals';
import { answerOf } from './ask-engine.ts';
import { distance, readGolden } from './golden.ts';

// In a process of its own: two TensorFlow libraries in one would register their operations twice.
test('the very package that a GPU user loads answers the golden vectors', () => {
  const { engine, answers } = answerOf('tfjs-node-gpu');
  const golden = readGolden();
  expect(engine).toBe('tfjs-node-gpu');
  expect(answers).toHaveLength(golden.length);
  answers.forEach((answer, i) => {
    expect(distance(answer, golden[i]!.outputs)).toBeLessThan(1e-5);
  });
});
