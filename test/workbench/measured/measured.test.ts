import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { run } from '../../../workbench/commands/measured.ts';
import { type AnsweredStandard, answerStandards } from '../../../workbench/measured/answer-standards.ts';
import type { Standard } from '../../../workbench/measured/manifest.ts';
import { measuredJson } from '../../../workbench/measured/measured-json.ts';
import { measuredPage } from '../../../workbench/measured/measured-page.ts';
import { measuredPoints } from '../../../workbench/measured/measured-plot.ts';
import { measuredSummary } from '../../../workbench/measured/measured-summary.ts';
import { answerReduced, reducedScans, SHARES } from '../../../workbench/measured/reduced.ts';
import { reducedPage } from '../../../workbench/measured/reduced-page.ts';
import { repeatsPage } from '../../../workbench/measured/repeats-page.ts';
import { textbookTruthOf } from '../../../workbench/measured/textbook.ts';
import { writeMeasured } from './own-measured.ts';

const folder = mkdtempSync(join(tmpdir(), 'measured-'));
afterAll(() => rmSync(folder, { recursive: true }));

let standards: readonly Standard[];
let answered: readonly AnsweredStandard[];
beforeAll(async () => {
  standards = writeMeasured(folder);
  answered = await answerStandards(openBundle('models/spt'), folder, standards);
});

const of = (compound: string) => answered.find(({ standard }) => standard.compound === compound)!;
/** The same answer, with something else known of the sample. */
const as = (compound: string, change: Partial<Standard>): AnsweredStandard => {
  const each = of(compound);
  return { ...each, standard: { ...each.standard, ...change } };
};

/** Nearest point. */
function at({ energyEv, mu }: { energyEv: Float32Array; mu: Float32Array }, energy: number): number {
  let best = 0;
  energyEv.forEach((each, i) => {
    if (Math.abs(each - energy) < Math.abs(energyEv[best]! - energy)) best = i;
  });
  return mu[best]!;
}

describe('measured scans', () => {
  test('copper oxide is read right and its neighbours accepted, and nothing of a metal or a sulphide is', () => {
    expect(measuredJson(of('CuO'))).toMatchObject({
      kind: 'oxide',
      descriptors: {
        OS: { value: 2, truth: 'right' },
        CN: { value: 4, truth: 'right', verdict: 'ACCEPT' },
      },
    });
    const others = answered.filter(({ kind }) => kind !== 'oxide');
    expect(others.map(({ kind }) => kind).sort()).toEqual(['metal', 'metal', ...Array(3).fill('sulphide')]);
    for (const each of others) {
      if (each.reject !== null) throw new Error(each.reject.detail);
      for (const { verdict } of each.judgement.descriptors) expect(verdict).not.toBe('ACCEPT');
      expect(textbookTruthOf(each, 'OS')).toBe('n.a.');
    }
  });

  test('a value is only held against a textbook that is sure of it', () => {
    expect(textbookTruthOf(of('CuO'), 'OS')).toBe('right');
    expect(textbookTruthOf(as('CuO', { oxidationState: 3 }), 'OS')).toBe('wrong');
    expect(textbookTruthOf(as('CuO', { oxidationState: 2.5 }), 'OS')).toBe('n.a.');
    expect(textbookTruthOf(as('CuO', { oxidationState: null }), 'OS')).toBe('n.a.');
    expect(textbookTruthOf(as('CuO', { note: 'nominal' }), 'OS')).toBe('n.a.');
    expect(textbookTruthOf(of('CuO'), 'NNRS')).toBe('n.a.');
  });

  test('the summary counts files and compounds', () => {
    const repeated = [...answered, as('CuO', { file: 'Cu/again.xdi' })];
    const summary = measuredSummary(repeated, ['Cu']);
    expect(summary).toMatch(/^\| OS \| 3 \(2\) \| 3 \(2\) \| /m);
    expect(summary).toMatch(/^\| metal \| 1 \(1\) \| 1 \| 0 \| 0 \|$/m);
    expect(summary).toMatch(/^\| elements that the model does not know \| 1 \(1\) \| /m);
    const beyond = measuredSummary([as('CuO', { oxidationState: 7 })], ['Cu']);
    expect(beyond).toContain('1 of those not read right (1 compounds) have an oxidation state');
  });

  test('the page has every file, one that was refused with its reason', () => {
    const reject = { kind: 'reject', reason: 'dead-channel', detail: '' } as const;
    const refused: AnsweredStandard = { ...as('Cu', { file: 'Cu/dead.xdi' }), reject };
    const page = measuredPage([...answered, refused], 'spt-8', 'the summary');
    expect(page).toContain('\nthe summary\n');
    for (const { file } of standards) expect(page).toContain(`\n| ${file} | `);
    expect(page).toMatch(
      /^\| Cu\/CuO\.xdi \| CuO \| oxide \| \+2, 4 \| \+2 0\.\d\d .*, right \| 4 0\.\d\d \*\*accept\*\*, right \| /m,
    );
    expect(page).toMatch(
      /^\| Cu\/dead\.xdi \| Cu \| metal \| .* \| {2}\| {2}\| {2}\| refused: dead-channel \|$/m,
    );
    expect(measuredPoints([refused])).toEqual([]);
    expect(measuredJson(refused)).toMatchObject({ file: 'Cu/dead.xdi', refused: 'dead-channel' });
  });

  test('noise of repeats is compared where they are on the same energies', () => {
    const repeats = [as('CuO', { file: 'Cu/CuO_001.xdi' }), as('CuO', { file: 'Cu/CuO_002.xdi' })];
    expect(repeatsPage(repeats)).toMatch(/^\| Cu\/CuO \| 2 \| \d+ \| /m);
    expect(repeatsPage(answered)).toContain('No sample has repeats.');
  });

  test('oxides with a share of their metal have a true mean, and are read as whoever has the sum reads it', async () => {
    const scans = reducedScans(answered);
    expect(scans.map(({ oxide, share }) => [oxide.compound, share])).toEqual(
      ['CuO', 'Cu2O'].flatMap((compound) => SHARES.map((share) => [compound, share])),
    );
    const half = scans.find(({ oxide, share }) => oxide.compound === 'CuO' && share === 0.5)!;
    expect(half).toMatchObject({ meanOxidationState: 1, meanCoordination: 8 });
    const [oxide, foil] = [of('CuO'), of('Cu')];
    if (oxide.reject !== null || foil.reject !== null) throw new Error('Expected both to be read');
    // Between the two, and on the oxide's own energies.
    const { energyEv, mu } = oxide.prepared.spectrum;
    const { energyShiftEv } = oxide.prepared.preparation;
    half.scan.energyEv.forEach((energy, i) => {
      const own = mu[energyEv.findIndex((each) => Math.abs(each - energyShiftEv - energy) < 1e-3)]!;
      const metal = at(foil.prepared.spectrum, energy + energyShiftEv);
      expect(Math.abs(half.scan.mu![i]! - 0.5 * (own + metal))).toBeLessThan(0.02);
    });
    const page = reducedPage(await answerReduced(openBundle('models/spt'), answered), 'spt-8');
    expect(page).toMatch(/^\| Cu \| 50% \| 2 \| /m);
    expect(page).toMatch(/^\| CuO \(Cu\/CuO\.xdi\) \| 25% \| 1\.50 \| /m);
  });

  test('the command writes its pages and picture, and nothing into the model', async () => {
    const log = jest.spyOn(console, 'log').mockReturnValue(undefined);
    jest.spyOn(console, 'warn').mockReturnValue(undefined); // vega-lite's, of the facets' scales
    const before = openBundle('models/spt').hash;
    const out = join(folder, 'docs');
    await run(['--data', folder, '--out', out]);
    await run(['--data', folder, '--files', 'Cu/', '--json']);
    expect(log).toHaveBeenCalledTimes(1 + standards.filter(({ element }) => element === 'Cu').length);
    jest.restoreAllMocks();
    expect(readFileSync(join(out, 'tables/measured.md'), 'utf8')).toContain('# Measured scans');
    expect(readFileSync(join(out, 'tables/measured-repeats.md'), 'utf8')).toContain('# Noise from one scan');
    expect(readFileSync(join(out, 'images/measured.svg'), 'utf8')).toContain('CuO');
    expect(readFileSync(join(out, 'tables/measured-reduced.md'), 'utf8')).toContain('# Oxides on the way');
    expect(readFileSync(join(out, 'images/measured-reduced.svg'), 'utf8')).toContain('true mean');
    expect(openBundle('models/spt').hash).toBe(before);
  });
});
