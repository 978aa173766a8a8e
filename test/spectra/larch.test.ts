import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readXdi } from '../../src/formats/xdi.ts';
import { isReject } from '../../src/messages/reject.ts';
import { absorption } from '../../src/spectra/absorption.ts';
import { findE0 } from '../../src/spectra/find-e0.ts';
import { normaliseByPolynomials } from '../../src/spectra/normalise.ts';

const DATA = join(process.env.XANES_DATA ?? join(import.meta.dirname, '../../../shared/data'), 'measured');
const LARCH: Record<string, { e0Ev: number; edgeStep: number }> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'larch-reference.json'), 'utf8'),
);
// The measured scans are not part of this repository.
const withData = existsSync(DATA) ? describe : describe.skip;

withData('E0 and edge step of measured scans are those of larch (skipped without the measured set)', () => {
  test.each(Object.entries(LARCH))('%s', (file, larch) => {
    const scan = readXdi(readFileSync(join(DATA, file), 'latin1'), file);
    if (isReject(scan)) throw new Error(scan.detail);
    const mu = absorption(scan);
    if (isReject(mu)) throw new Error(mu.detail);
    const e0 = findE0(scan.energyEv, mu);
    expect(Math.abs(scan.energyEv[e0]! - larch.e0Ev)).toBeLessThanOrEqual(0.3);
    expect(
      Math.abs(normaliseByPolynomials(scan.energyEv, mu, e0).edgeStep / larch.edgeStep - 1),
    ).toBeLessThan(0.01);
  });
});
