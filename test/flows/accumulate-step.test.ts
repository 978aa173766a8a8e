import { expect, test } from '@jest/globals';
import { accumulateStep } from '../../src/flows/accumulate-step.ts';
import type { AccumulationState } from '../../src/messages/accumulation.ts';
import type { Advice, JudgedMean, Verdict } from '../../src/messages/judgement.ts';
import { MEMBERS_KEY, PARTIAL_OF_KEY, type Scan } from '../../src/messages/scan.ts';
import { decodeAccumulation } from '../../src/wire/accumulation-codec.ts';
import { encodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import { exampleScan } from '../faults/scans.ts';
import { exampleJudged } from '../producers/example-outcomes.ts';

const MOST = 3;

/**
 * Steps over events of scans with these ids and advice; what is told of each, and the ids of the means.
 * @param accepted scans whose mean oxidation state is accepted
 */
async function told(
  events: readonly (readonly [string, Advice, ...Partial<Scan>[]])[],
  {
    by = null as string | null,
    gone = false,
    until = 'classes' as 'classes' | 'mean',
    accepted = [] as readonly string[],
  } = {},
) {
  const scans = new Map<string, Scan>();
  const counted: string[] = [];
  const step = accumulateStep({
    ...{ scansTopic: 'scans', accumulationsTopic: 'accumulations', most: MOST, until, by },
    rawScan: async (_, scanId) => (gone ? null : (scans.get(scanId) ?? null)),
    count: (what) => void counted.push(what),
  });
  let state: AccumulationState | null = null;
  const lines: string[] = [];
  for (const [i, [scanId, advice, changes = {}]] of events.entries()) {
    const judged = exampleJudged(i);
    const scan: Scan = { ...exampleScan('sample', 0), scanId, sequence: i, ...changes };
    scans.set(scanId, scan);
    const means = [meanState(accepted.includes(scanId) ? 'ACCEPT' : 'FLAG')];
    const judgement = { ...judged.judgement, advice, means, repeatsNeeded: 4 };
    const value = encodeDescriptors({ ...judged, scan, judgement }, 0);
    const record = { ...judged.record, topic: 'descriptors', value, headers: {} };
    const stepped = await step(record, () => state);
    if (stepped === null) continue;
    state = stepped.state;
    stepped.onCommitted();
    for (const { topic, message } of stepped.publish) {
      if (topic === 'scans') continue;
      const { status, reason, members, mean } = decodeAccumulation(message.value as Buffer);
      lines.push(`${status} ${reason} ${members.join('+')} ${mean ?? ''}`.trim());
    }
  }
  return { lines, counted, state };
}

const meanState = (verdict: Verdict): JudgedMean => ({
  ...{ name: 'OS', value: 3, low: 2.9, high: 3.1, level: 0.9, method: 'standards', verdict },
  reason: verdict === 'ACCEPT' ? 'ok' : 'wide-interval',
});
const mean = (...members: readonly string[]): Partial<Scan> => ({
  metadata: { [MEMBERS_KEY]: JSON.stringify(members) },
});

test('nothing begins with a scan that needs no repeats', async () => {
  expect(
    await told([
      ['a', 'ACCEPT'],
      ['b', 'INSPECT'],
      ['c', 'RESCAN'],
    ]),
  ).toEqual({
    ...{ lines: [], counted: [], state: null },
  });
});

test('the verdict on a mean ends it, or says how many more are needed', async () => {
  const begun = [
    ['a', 'ACCUMULATE'],
    ['b', 'INSPECT'],
  ] as const;
  const { lines, state } = await told([
    ...begun,
    ['a/mean-of-2', 'ACCUMULATE', mean('a', 'b')],
    ['c', 'ACCUMULATE'],
    ['a/mean-of-3', 'ACCEPT', mean('a', 'b', 'c')],
  ]);
  expect(lines).toEqual([
    'GROWING joined a',
    'GROWING joined a+b a/mean-of-2',
    'GROWING more-needed a+b a/mean-of-2',
    'GROWING joined a+b+c a/mean-of-3',
    'ACCEPTED accepted a+b+c a/mean-of-3',
  ]);
  expect(state).toBeNull();
  const notNoise = await told([...begun, ['a/mean-of-2', 'INSPECT', mean('a', 'b')]]);
  expect(notNoise.lines.at(-1)).toBe('STOPPED not-noise a+b a/mean-of-2');
});

test('an earlier mean ends it only where it is accepted, one of others never', async () => {
  const three = [
    ['a', 'ACCUMULATE'],
    ['b', 'ACCUMULATE'],
    ['c', 'ACCUMULATE'],
  ] as const;
  const inspected = await told([...three, ['a/mean-of-2', 'INSPECT', mean('a', 'b')]]);
  expect(inspected.lines).toHaveLength(3);
  const accepted = await told([...three, ['a/mean-of-2', 'ACCEPT', mean('a', 'b')]]);
  expect(accepted.lines.at(-1)).toBe('ACCEPTED accepted a+b a/mean-of-2');
  const others = await told([...three, ['x/mean-of-2', 'ACCEPT', mean('x', 'y')]]);
  expect(others.lines).toHaveLength(3);
});

test('so many as are averaged at the most end it, by the verdict or by the next scan', async () => {
  const three = [
    ['a', 'ACCUMULATE'],
    ['b', 'ACCUMULATE'],
    ['c', 'ACCUMULATE'],
  ] as const;
  const judged = await told([...three, ['a/mean-of-3', 'ACCUMULATE', mean('a', 'b', 'c')]]);
  expect(judged.lines.at(-1)).toBe('STOPPED bound a+b+c a/mean-of-3');
  const next = await told([...three, ['d', 'ACCUMULATE']]);
  expect(next.lines.slice(3)).toEqual(['STOPPED bound a+b+c a/mean-of-3', 'GROWING joined d']);
});

test('a scan that is accepted by itself ends it', async () => {
  const { lines } = await told([
    ['a', 'ACCUMULATE'],
    ['b', 'ACCEPT'],
  ]);
  expect(lines.at(-1)).toBe('ACCEPTED accepted-alone a b');
});

test('where it goes until the mean oxidation state, that is what ends it, and keeps it from beginning', async () => {
  const events = [
    ['a', 'ACCUMULATE'],
    ['b', 'ACCUMULATE'],
    ['a/mean-of-2', 'INSPECT', mean('a', 'b')],
  ] as const;
  const accepted = ['a/mean-of-2'];
  const last = async (...args: Parameters<typeof told>) => (await told(...args)).lines.at(-1);
  expect(await last(events, { accepted })).toBe('STOPPED not-noise a+b a/mean-of-2');
  expect(await last(events, { accepted, until: 'mean' })).toBe('ACCEPTED accepted a+b a/mean-of-2');
  expect(await last(events, { until: 'mean' })).toBe('STOPPED not-noise a+b a/mean-of-2');
  const alone = { accepted: ['b'], until: 'mean' } as const;
  expect(await last(events.slice(0, 2), alone)).toBe('ACCEPTED accepted-alone a b');
  expect(await told(events.slice(1, 2), alone)).toEqual({ lines: [], counted: [], state: null });
  const byClasses = await last([...events.slice(0, 2), ['a/mean-of-2', 'ACCEPT', mean('a', 'b')]], {
    until: 'mean',
  });
  expect(byClasses).toBe('ACCEPTED accepted a+b a/mean-of-2'); // as of oxygen, which has no means
});

test('other points, another mode and another group are no repeats', async () => {
  const at = (position: string) => ({ metadata: { position } });
  const { energyEv, mu } = exampleScan('sample', 0);
  const shorter = { energyEv: energyEv.slice(1), mu: mu!.slice(1) };
  for (const [first, second, by] of [
    [{}, shorter, null],
    [{}, { mode: 'FLUORESCENCE' as const, i0: mu!.map(() => 1), if: mu }, null],
    [at('A'), at('B'), 'position'],
  ] as const) {
    const { lines } = await told(
      [
        ['a', 'ACCUMULATE', first],
        ['b', 'ACCUMULATE', second],
      ],
      { by },
    );
    expect(lines.slice(1)).toEqual(['STOPPED settings a', 'GROWING joined b']);
  }
  const same = await told(
    [
      ['a', 'ACCUMULATE', at('A')],
      ['b', 'ACCUMULATE', at('A')],
    ],
    { by: 'position' },
  );
  expect(same.lines.at(-1)).toBe('GROWING joined a+b a/mean-of-2');
});

test('a scan whose record is gone does not join, and is counted', async () => {
  const { lines, counted } = await told([['a', 'ACCUMULATE']], { gone: true });
  expect({ lines, counted }).toEqual({ lines: [], counted: ['not-found'] });
});

test('a preview neither begins an average nor joins one; the whole does', async () => {
  const partOf = (scanId: string): Partial<Scan> => ({ metadata: { [PARTIAL_OF_KEY]: scanId } });
  const { lines } = await told([
    ['a/first-40', 'ACCUMULATE', partOf('a')],
    ['a', 'ACCUMULATE'],
    ['b/first-40', 'ACCEPT', partOf('b')],
    ['b', 'ACCUMULATE'],
  ]);
  expect(lines).toEqual(['GROWING joined a', 'GROWING joined a+b a/mean-of-2']);
});
