import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { sha256 } from '../../src/common/sha256.ts';
import { manifestJson } from '../../src/model/manifest.ts';
import { writeBundle } from '../../workbench/bundle/write-bundle.ts';

const BATTERY = 'data/battery-feff10/sites.jsonl';

/**
 * The shipped network in a folder, without a gate, and with a manifest that says that it was trained on one of our own
 * sets alone: what is made from training data can then be made from what the repository holds.
 */
export function copyWithoutGate(folder: string): void {
  cpSync('models/spt', folder, { recursive: true });
  for (const name of ['gate.json', 'training-embeddings.bin']) rmSync(join(folder, name));
  const { manifest } = openBundle('models/spt', { gate: 'optional' });
  const file = { file: 'battery-feff10/sites.jsonl', sha256: sha256(readFileSync(BATTERY)), spectra: 251 };
  const training = { ...manifest.training, files: [file], allOf: [], crossFit: false };
  writeFileSync(join(folder, 'manifest.json'), manifestJson({ ...manifest, training }));
  writeBundle(folder);
}
