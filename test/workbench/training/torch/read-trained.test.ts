import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openBundle } from '../../../../src/bundle/bundle.ts';
import { readTrained, requireSameAnswers } from '../../../../workbench/training/torch/read-trained.ts';
import { readGolden } from '../../../model/golden.ts';

const folder = mkdtempSync(join(tmpdir(), 'trained-'));
afterAll(() => rmSync(folder, { recursive: true }));
const { manifest, weights } = openBundle('models/spt');
const { network } = manifest;

/** What PyTorch would say with the shipped weights: the golden vectors. */
const answers = readGolden().map(({ input, outputs: { embedding: _, ...outputs } }) => ({
  element: input.element,
  mu: [...input.mu],
  mask: [...input.mask],
  outputs: outputs as Record<string, number[]>,
}));

test('weights are those of the network that answered', async () => {
  await expect(requireSameAnswers({ weights, answers }, network)).resolves.toBeUndefined();
  const [name, bias] = [...weights].find(([each]) => each === 'head/OS/bias')!;
  const other = new Map(weights).set(
    name,
    bias.map((value, i) => value + 3 * i),
  );
  await expect(requireSameAnswers({ weights: other, answers }, network)).rejects.toThrow(
    /Expected OS of .* as PyTorch says it to within 0\.001, got/,
  );
  const without = answers.map(({ outputs: { CN: _, ...outputs }, ...rest }) => ({ ...rest, outputs }));
  await expect(requireSameAnswers({ weights, answers: without }, network)).rejects.toThrow('Expected CN of');
});

test('a folder that the trainer did not write is an error that names the file', () => {
  writeFileSync(join(folder, 'trained.json'), JSON.stringify({ torch: '2.15.0', seconds: 3, curve: [] }));
  expect(() => readTrained(folder, network)).toThrow(/trained\.json: .*\n.*answers/);
  writeFileSync(join(folder, 'trained.json'), JSON.stringify({ torch: '2', seconds: 3, curve: [], answers }));
  writeFileSync(join(folder, 'weights.bin'), Float32Array.of(1, 2));
  expect(() => readTrained(folder, network)).toThrow(/Expected \d+ weights/);
});
