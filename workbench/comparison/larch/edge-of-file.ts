import { readFileSync } from 'node:fs';
import { FatalError } from '../../../src/common/errors.ts';
import { readXdi } from '../../../src/formats/xdi.ts';
import { isReject } from '../../../src/messages/reject.ts';
import { absorption } from '../../../src/spectra/absorption.ts';
import { findE0 } from '../../../src/spectra/find-e0.ts';
import { normaliseByPolynomials } from '../../../src/spectra/normalise.ts';
import type { Edge } from './larch-table.ts';

/**
 * Edge of an XDI file as the processor finds it, by the polynomials that larch fits too.
 * @throws FatalError where the file cannot be read as a scan
 */
export function edgeOfFile(path: string): Edge {
  const scan = readXdi(readFileSync(path, 'latin1'), path);
  if (isReject(scan)) throw new FatalError(`${path}: ${scan.detail}`);
  const mu = absorption(scan);
  if (isReject(mu)) throw new FatalError(`${path}: ${mu.detail}`);
  const e0 = findE0(scan.energyEv, mu);
  const { edgeStep } = normaliseByPolynomials(scan.energyEv, mu, e0);
  return { e0Ev: scan.energyEv[e0]!, edgeStep };
}
