import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBundle } from '../src/bundle/bundle.ts';
import { writeBundle } from '../workbench/bundle/write-bundle.ts';

export type ModelRegistry = {
  readonly folder: string;
  /** The shipped model, in the folder `shipped`: name@hash. */
  readonly shipped: string;
  /** One that reads the same values and accepts no class, in the folder `strict`. */
  readonly strict: string;
  /** In the folder `broken`, whose weights have a byte changed. */
  readonly broken: string;
  remove(): void;
};

/** Three bundles in a folder of their own, made of the shipped one. */
export function makeModelRegistry(): ModelRegistry {
  const folder = mkdtempSync(join(tmpdir(), 'models-'));
  const named = (name: string): string => {
    const { hash, manifest } = openBundle(join(folder, name));
    return `${manifest.id}@${hash}`;
  };
  const copy = (name: string, threshold?: number): string => {
    cpSync('models/spt', join(folder, name), { recursive: true });
    if (threshold !== undefined) setThresholds(join(folder, name), threshold);
    return named(name);
  };
  const [shipped, strict, broken] = [copy('shipped'), copy('strict', 1), copy('broken', 0.9)];
  const weights = readFileSync(join(folder, 'broken', 'weights.bin'));
  weights[1000]! ^= 1;
  writeFileSync(join(folder, 'broken', 'weights.bin'), weights);
  return { folder, shipped, strict, broken, remove: () => rmSync(folder, { recursive: true }) };
}

/** What must be reached before a value is accepted; of what is never accepted it stays so. */
function setThresholds(model: string, threshold: number): void {
  const path = join(model, 'gate.json');
  const gate = JSON.parse(readFileSync(path, 'utf8'));
  for (const { descriptors } of Object.values<Element>(gate.elements)) {
    for (const descriptor of Object.values(descriptors))
      descriptor.thresholds = descriptor.thresholds.map((each) => each && threshold);
  }
  writeFileSync(path, `${JSON.stringify(gate)}\n`);
  writeBundle(model);
}

type Element = { readonly descriptors: Readonly<Record<string, { thresholds: (number | null)[] }>> };
