import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readXdi } from '../../src/formats/xdi.ts';
import { isReject } from '../../src/messages/reject.ts';
import { absorption } from '../../src/spectra/absorption.ts';
import { findE0 } from '../../src/spectra/find-e0.ts';
import { normaliseByPolynomials } from '../../src/spectra/normalise.ts';
import { shippedScans } from '../../workbench/comparison/larch/shipped-scans.ts';

// Made by workbench/comparison/larch/reference.py.
const LARCH: Record<string, { e0Ev: number; edgeStep: number }> = JSON.parse(
  readFileSync(new URL('./larch-shipped.json', import.meta.url), 'utf8'),
);
const SCANS = shippedScans();

describe('E0 and edge step are those of larch', () => {
  test('larch was asked about every scan', () => {
    expect(SCANS.map(({ name }) => name).sort()).toEqual(Object.keys(LARCH).sort());
  });

  test.each(SCANS)('$name', ({ name, text }) => {
    const scan = readXdi(text, name);
    if (isReject(scan)) throw new Error(scan.detail);
    const mu = absorption(scan);
    if (isReject(mu)) throw new Error(mu.detail);
    const e0 = findE0(scan.energyEv, mu);
    const { edgeStep } = normaliseByPolynomials(scan.energyEv, mu, e0);
    expect(Math.abs(scan.energyEv[e0]! - LARCH[name]!.e0Ev)).toBeLessThan(0.01);
    // larch reports the size alone
    expect(Math.abs(Math.abs(edgeStep) / LARCH[name]!.edgeStep - 1)).toBeLessThan(1e-4);
  });
});
