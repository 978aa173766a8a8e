import { expect, test } from '@jest/globals';
import { MEMBERS_KEY, PARTIAL_OF_KEY } from '../../src/messages/scan.ts';
import { changesStep } from '../../src/services/changes.ts';
import { encodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import { exampleJudged } from '../producers/example-outcomes.ts';

test('what is watched is each scan that was measured, once: neither means nor previews', async () => {
  const step = changesStep('changes', { MEAN_OXIDATION_STATE: 0.05, SPECTRUM: 0.03 }, () => {});
  const stepped = async (metadata: Readonly<Record<string, string>>) => {
    const judged = exampleJudged(0);
    const value = encodeDescriptors({ ...judged, scan: { ...judged.scan, metadata } }, 0);
    return step({ ...judged.record, value, headers: {} }, () => null);
  };
  expect(await stepped({})).not.toBeNull();
  expect(await stepped({ [MEMBERS_KEY]: '["a","b"]' })).toBeNull();
  expect(await stepped({ [PARTIAL_OF_KEY]: 'a' })).toBeNull();
});
