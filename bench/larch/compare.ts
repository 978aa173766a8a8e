import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFlags } from '../../scripts/parse-flags.ts';
import { readXdi } from '../../src/consumers/xdi.ts';
import { isReject } from '../../src/messages/reject.ts';
import { absorption } from '../../src/spectra/absorption.ts';
import { findE0 } from '../../src/spectra/find-e0.ts';
import { normaliseByPolynomials } from '../../src/spectra/normalise.ts';

/**
 * E0 and edge step of measured files beside larch's, which reference.py wrote. Prints each file that differs by more
 * than 0.3 eV or 1%.
 *
 *     node --import tsx bench/larch/compare.ts --data ../shared/data/measured
 */
const { values } = parseFlags({ options: { data: { type: 'string', default: '../shared/data/measured' } } });
const reference: Record<string, { e0Ev: number; edgeStep: number }> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/spectra/larch-reference.json'), 'utf8'),
);

const files = Object.entries(reference);
let agreeing = 0;
let worstStep = 0;
for (const [file, larch] of files) {
  const scan = readXdi(readFileSync(join(values.data, file), 'latin1'), file);
  if (isReject(scan)) throw new Error(scan.detail);
  const mu = absorption(scan);
  if (isReject(mu)) throw new Error(`${file}: ${mu.detail}`);
  const e0 = findE0(scan.energyEv, mu);
  const differenceEv = scan.energyEv[e0]! - larch.e0Ev;
  const ratio = normaliseByPolynomials(scan.energyEv, mu, e0).edgeStep / larch.edgeStep;
  worstStep = Math.max(worstStep, Math.abs(ratio - 1));
  if (Math.abs(differenceEv) <= 0.3 && Math.abs(ratio - 1) <= 0.01) agreeing += 1;
  else console.log(`${file}: E0 ${differenceEv.toFixed(2)} eV, edge step x ${ratio.toFixed(4)}`);
}
console.log(
  `${agreeing} of ${files.length} files agree with larch; largest edge-step difference ${(100 * worstStep).toFixed(2)}%`,
);
