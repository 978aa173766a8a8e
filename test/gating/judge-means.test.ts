import { describe, expect, test } from '@jest/globals';
import type { GateTable, MeasuredMeans } from '../../src/gating/gate-table.ts';
import { type MeansContext, makeJudgeMeans } from '../../src/gating/judge-means.ts';
import { normalQuantile } from '../../src/gating/normal-quantile.ts';
import { edgePosition } from '../../src/gating/rulers.ts';
import { MEAN_NAMES } from '../../src/messages/prediction.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import { type Anchors, NO_ANCHORS, type RunReference } from '../../src/messages/standard.ts';
import { GRID } from '../spectra/synthetic-edge.ts';
import { edgeAt, inputOf, mixed, preparedOf, siteMeansOf, standardOf } from './example-means.ts';

const offsetsEv = [...GRID.offsetsEv];
const MEASURED: MeasuredMeans = {
  domain: { Co: 0.2, other: 0.6 },
  change: { evPerUnit: 2, floor: 0.1, share: 0.25 },
  anchored: { floor: 0.03, ofSpan: 0.1, ofBeyond: 0.5, factor: { other: 2 } },
};
const calibration = { sigmaEdges: [0.15, 0.3], spread: [2, 3, 4], spreadAt: {}, usefulHalf: 0.5 };
const KNOWN: MeansContext = {
  calibrations: { OS: calibration, CN: calibration, OCN: calibration },
  ...{ tooNoisy: false, outOfDistribution: 0 },
};
const table = { level: 0.9, measured: MEASURED, offsetsEv };
const Z = normalQuantile(0.9);
const [two, three] = [edgeAt(0), edgeAt(2)];
const position = (mu: Float32Array) => edgePosition(inputOf(mu), offsetsEv);

function judge(
  prepared: Prepared,
  options: {
    readonly means?: ReturnType<typeof siteMeansOf>;
    readonly anchors?: Partial<Anchors>;
    readonly context?: Partial<MeansContext>;
    readonly table?: Partial<Pick<GateTable, 'level' | 'measured' | 'offsetsEv'>>;
  } = {},
) {
  const { means = siteMeansOf({ mean: 2.6 }), anchors, context } = options;
  const { OS, CN, OCN, ...rest } = (() => {
    const judged = makeJudgeMeans({ ...table, ...options.table })(
      prepared,
      means,
      { ...NO_ANCHORS, ...anchors },
      { ...KNOWN, ...context },
    );
    const [OS, CN, OCN] = judged.means;
    return { ...judged, OS: OS!, CN: CN!, OCN: OCN! };
  })();
  return { OS, CN, OCN, ...rest };
}
const halfOf = ({ low, high }: { readonly low: number; readonly high: number }) => 0.5 * (high - low);

describe('by the network', () => {
  test('every mean has its interval by how large its sigma is, around what was read', () => {
    for (const [i, sigma] of [0.1, 0.15, 0.4].entries()) {
      const spread = calibration.spread[i]!;
      const means = siteMeansOf({ mean: 2.6, sigma }, { mean: 5.2, sigma: 0.05 });
      const { OS, CN } = judge(preparedOf(two, 'feff9'), { means });
      expect(OS).toMatchObject({ name: 'OS', value: 2.6, level: 0.9, method: 'network' });
      expect([OS.low, OS.high]).toEqual([
        expect.closeTo(2.6 - sigma * spread, 9),
        expect.closeTo(2.6 + sigma * spread, 9),
      ]);
      expect(halfOf(CN)).toBeCloseTo(0.05 * 2, 9);
    }
  });

  test('of a measured scan it is wider, by what theory is off for the element', () => {
    const computed = judge(preparedOf(two, 'feff9'));
    const measured = judge(preparedOf(two));
    for (const name of MEAN_NAMES) {
      expect(halfOf(measured[name])).toBeCloseTo(Math.hypot(halfOf(computed[name]), Z * 0.2), 9);
      expect(measured[name].value).toBe(computed[name].value);
    }
    const { input, ...rest } = preparedOf(two);
    const unknown = judge({ ...rest, input: { ...input, element: 'Zn' } });
    expect(halfOf(unknown.OS)).toBeCloseTo(Math.hypot(halfOf(computed.OS), Z * 0.6), 9);
  });

  test('what nobody fitted on measured scans is not added', () => {
    const { OS, change } = judge(preparedOf(two), { table: { measured: undefined } });
    expect(halfOf(OS)).toBeCloseTo(0.2, 9);
    expect(change).toBeNull();
  });

  test('without calibration it has the network’s own idea of its error', () => {
    const { OS } = judge(preparedOf(two, 'feff9'), { context: { calibrations: undefined } });
    expect(halfOf(OS)).toBeCloseTo(Z * 0.1, 9);
  });
});

describe('verdicts', () => {
  const computed = preparedOf(two, 'feff9');

  test.each<[string, Parameters<typeof judge>[1], readonly string[]]>([
    ['accept what is of use', {}, ['ACCEPT', 'ok']],
    ['flag what is too wide', { means: siteMeansOf({ sigma: 0.26 }) }, ['FLAG', 'wide-interval']],
    ['reject what is noisier than all', { context: { tooNoisy: true } }, ['REJECT', 'noise-above-threshold']],
    ['flag what was not calibrated', { context: { calibrations: {} } }, ['FLAG', 'uncalibrated-element']],
    [
      'flag what is unlike the training',
      { context: { outOfDistribution: 1 } },
      ['FLAG', 'out-of-distribution'],
    ],
    ['reject what is far from it', { context: { outOfDistribution: 2 } }, ['REJECT', 'out-of-distribution']],
    [
      'say that a scan is far off before that it is noisy',
      { context: { outOfDistribution: 2, tooNoisy: true, calibrations: undefined } },
      ['REJECT', 'out-of-distribution'],
    ],
    [
      'say that an element was not calibrated before that it is noisy',
      { context: { tooNoisy: true, calibrations: undefined } },
      ['FLAG', 'uncalibrated-element'],
    ],
  ])('%s', (_, options, [verdict, reason]) => {
    expect(judge(computed, options).OS).toMatchObject({ verdict, reason });
  });

  test('each mean by its own calibration', () => {
    const { OS, CN } = judge(computed, {
      context: { calibrations: { OS: calibration, CN: { ...calibration, usefulHalf: 0.1 } } },
    });
    expect([OS.reason, CN.reason]).toEqual(['ok', 'wide-interval']);
    expect(judge(computed, { context: { calibrations: { CN: calibration } } }).OS.reason).toBe(
      'uncalibrated-element',
    );
  });
});

describe('beside one standard', () => {
  const standard = standardOf(two, 2.2, { read: 2.5, uncertainty: 0.05 });

  test('it is the standard’s value and how far edge and network say that the scan is from it', () => {
    const { OS, CN } = judge(preparedOf(three), {
      means: siteMeansOf({ mean: 3.3 }),
      anchors: { standards: [standard] },
    });
    const byEdge = (position(three) - position(two)) / 2;
    expect(byEdge).toBeCloseTo(1, 1);
    const moved = 0.5 * (byEdge + (3.3 - 2.5));
    expect(OS).toMatchObject({ value: expect.closeTo(2.2 + moved, 6), method: 'one-standard' });
    expect(halfOf(OS)).toBeCloseTo(Math.hypot(0.1 + 0.25 * moved, Z * 0.05), 6);
    expect(CN.method).toBe('network');
  });

  test('of the same spectrum it is the standard’s value, as well known as a change of nothing', () => {
    const { OS } = judge(preparedOf(two), {
      means: siteMeansOf({ mean: 2.5 }),
      anchors: { standards: [standardOf(two, 2.2, { read: 2.5 })] },
    });
    expect(OS.value).toBeCloseTo(2.2, 6);
    expect(halfOf(OS)).toBeCloseTo(0.1, 6);
  });

  test('the newest of two that are alike counts, and a foil does not', () => {
    const standards = [
      standardOf(three, 2.9),
      standardOf(two, 2.95, { read: 2.95 }),
      standardOf(three, null),
    ];
    const { OS } = judge(preparedOf(two), { means: siteMeansOf({ mean: 2.95 }), anchors: { standards } });
    expect(OS).toMatchObject({ value: expect.closeTo(2.95, 6), method: 'one-standard' });
    const foils = { standards: [standardOf(three, null)] };
    expect(judge(preparedOf(two), { anchors: foils }).OS.method).toBe('network');
  });

  test('of a scan that begins in its edge the network alone says how far it is', () => {
    const prepared = preparedOf(three);
    const mask = prepared.input.mask.map((_, i) => (offsetsEv[i]! < 2 ? 0 : 1));
    const { OS } = judge(
      { ...prepared, input: { ...prepared.input, mask } },
      { means: siteMeansOf({ mean: 3.3 }), anchors: { standards: [standard] } },
    );
    expect(OS.value).toBeCloseTo(2.2 + 0.8, 6);
  });

  test('is not used where nobody knows how far an edge moves', () => {
    const { OS } = judge(preparedOf(two), {
      anchors: { standards: [standard] },
      table: { measured: undefined },
    });
    expect(OS.method).toBe('network');
  });

  test('a scan unlike the training is still flagged', () => {
    const { OS } = judge(preparedOf(two), {
      anchors: { standards: [standard] },
      context: { outOfDistribution: 1 },
    });
    expect(OS).toMatchObject({ method: 'one-standard', verdict: 'FLAG', reason: 'out-of-distribution' });
  });
});

describe('between two standards', () => {
  const standards = [standardOf(two, 2), standardOf(three, 3)];
  const scan = preparedOf(mixed(two, three, 0.4));

  test('a mixture of them is read right, as well as its readings agree', () => {
    const { OS } = judge(scan, { means: siteMeansOf({ mean: 2.4 }), anchors: { standards } });
    expect(OS).toMatchObject({ method: 'standards', verdict: 'ACCEPT', reason: 'ok' });
    expect(Math.abs(OS.value - 2.4)).toBeLessThan(0.03);
    // The standards lie one oxidation state apart.
    expect(halfOf(OS)).toBeGreaterThanOrEqual(2 * (0.03 + 0.1));
    expect(halfOf(OS)).toBeLessThan(2 * (0.03 + Math.hypot(0.06, 0.1)));
  });

  test('a network that does not tell them apart is not asked', () => {
    const alike = standards.map(({ prediction, ...rest }) => ({
      ...rest,
      prediction: { ...prediction, siteMeans: siteMeansOf({ mean: 2.5 }) },
    }));
    const [low, high] = [0, 6].map((mean) =>
      judge(scan, { means: siteMeansOf({ mean }), anchors: { standards: alike } }),
    );
    expect(low!.OS.method).toBe('standards');
    expect(high!.OS).toEqual(low!.OS);
  });

  test('a scan unlike the training is accepted, one far from it is not', () => {
    const means = siteMeansOf({ mean: 2.4 });
    const at = (outOfDistribution: 0 | 1 | 2) =>
      judge(scan, { means, anchors: { standards }, context: { outOfDistribution } });
    expect(at(1).OS).toMatchObject({ verdict: 'ACCEPT', reason: 'ok' });
    expect(at(1).CN).toMatchObject({ verdict: 'FLAG', reason: 'out-of-distribution' });
    expect(at(2).OS).toMatchObject({ verdict: 'REJECT', reason: 'out-of-distribution' });
  });

  test.each([
    [
      'standards whose labels were exchanged',
      [standardOf(two, 5, { read: 2 }), standardOf(three, 0, { read: 3 })],
    ],
    ['a single one with a wrong sign', [standardOf(two, -2, { read: 2 })]],
    [
      'two labels for one spectrum, of which the newest counts',
      [standardOf(two, 2), standardOf(two, 5, { read: 2 })],
    ],
  ])('%s are not believed where the model reads something else', (_, wrong) => {
    const means = siteMeansOf({ mean: 2.1 });
    const { OS } = judge(preparedOf(two), { means, anchors: { standards: wrong } });
    expect(OS).toMatchObject({ verdict: 'FLAG', reason: 'standards-disagree' });
    // Of a spectrum that it does not know the model has nothing to say.
    const unknown = judge(preparedOf(two), {
      ...{ means, anchors: { standards: wrong }, context: { outOfDistribution: 1 as const } },
    });
    expect(unknown.OS.reason).not.toBe('standards-disagree');
  });

  test('what is not known of the standards widens it', () => {
    const sure = judge(scan, { anchors: { standards } });
    const unsure = judge(scan, {
      anchors: { standards: [2, 3].map((v, i) => standardOf(i ? three : two, v, { uncertainty: 0.2 })) },
    });
    expect(unsure.OS.value).toBe(sure.OS.value);
    expect(halfOf(unsure.OS)).toBeCloseTo(Math.hypot(halfOf(sure.OS), Z * 0.2), 9);
  });
});

describe('since a reference', () => {
  const reference: RunReference = {
    ...{ meanOxidationState: 2, sigma: 0.2, halfEdgeEv: position(two) },
    ...{ runId: 'run', sampleId: 'sample', element: 'Co', edge: 'K', scanId: 'the first' },
  };

  test('the change is how far the edge moved, and how far what the network reads', () => {
    const { change } = judge(preparedOf(three), {
      means: siteMeansOf({ mean: 2.6 }),
      anchors: { reference },
    });
    const value = 0.5 * ((position(three) - position(two)) / 2 + (2.6 - 2));
    expect(change).toMatchObject({
      ...{ name: 'OS', level: 0.9, since: 'the first' },
      value: expect.closeTo(value, 6),
    });
    expect(halfOf(change!)).toBeCloseTo(0.1 + 0.25 * value, 6);
    const back = judge(preparedOf(two), {
      means: siteMeansOf({ mean: 1.4 }),
      anchors: { reference: { ...reference, halfEdgeEv: position(three) } },
    });
    expect(back.change!.value).toBeCloseTo(-value, 6);
    expect(halfOf(back.change!)).toBeCloseTo(0.1 + 0.25 * value, 6);
  });

  test('is not known of a scan that begins in its edge', () => {
    const prepared = preparedOf(three);
    const mask = prepared.input.mask.map((_, i) => (offsetsEv[i]! < 2 ? 0 : 1));
    const late = { ...prepared, input: { ...prepared.input, mask } };
    expect(judge(late, { anchors: { reference } }).change).toBeNull();
    expect(judge(late).reference).toBeNull();
  });

  test('the first scan becomes the reference, later ones do not', () => {
    const first = judge(preparedOf(two));
    expect(first.change).toBeNull();
    expect(first.reference).toEqual({
      ...{ meanOxidationState: 2.6, sigma: 0.1 }, // as the network reads it
      halfEdgeEv: position(two),
    });
    expect(judge(preparedOf(two), { anchors: { reference } }).reference).toBeNull();
    expect(judge(preparedOf(two), { context: { outOfDistribution: 1 } }).reference).not.toBeNull();
    expect(judge(preparedOf(two), { context: { outOfDistribution: 2 } }).reference).toBeNull();
  });
});

test('a change of the level widens what was found at 0.9', () => {
  const at = (level: number) =>
    judge(preparedOf(two), { anchors: { standards: [standardOf(two, 2)] }, table: { level } });
  const wide = halfOf(at(0.98).OS);
  expect(wide / halfOf(at(0.9).OS)).toBeCloseTo(normalQuantile(0.98) / Z, 6);
});

test('mixed sites are what any of the means says', () => {
  const means = siteMeansOf({ mixed: 0.2 }, { mixed: 0.7 });
  expect(judge(preparedOf(two), { means }).mixedSites).toBe(0.7);
});

test('a model that reads no means, and a table of before there were any, say nothing', () => {
  const nothing = { means: [], mixedSites: null, change: null, reference: null };
  const prepared = preparedOf(two);
  expect(makeJudgeMeans(table)(prepared, undefined, NO_ANCHORS, KNOWN)).toEqual(nothing);
  const former = makeJudgeMeans({ level: 0.9, measured: MEASURED, offsetsEv: undefined });
  expect(former(prepared, siteMeansOf({}), NO_ANCHORS, KNOWN)).toEqual(nothing);
});
