import { expect, test } from '@jest/globals';
import { selectionOf } from '../../src/cli/selection-flags.ts';
import { type Selection, selects } from '../../src/flows/selection.ts';

const SCAN = { runId: 'r', sampleId: 's', beamline: 'b', element: 'Co' };

test('flags that are not given ask for nothing, and so choose every scan', () => {
  expect(selectionOf({})).toEqual({});
  expect(selects(selectionOf({}), SCAN, 0)).toBe(true);
});

test('names as they are given, and times in ms', () => {
  const selection: Selection = selectionOf({
    run: 'r',
    element: 'co',
    from: '2026-11-26T08:00:00Z',
    until: '2026-11-26T10:00:00+01:00',
  });
  const fromMs = Date.UTC(2026, 10, 26, 8);
  expect(selection).toEqual({ run: 'r', element: 'co', fromMs, untilMs: fromMs + 3_600_000 });
  expect(selects(selection, SCAN, fromMs)).toBe(true);
  expect(selects(selection, SCAN, fromMs + 3_600_000)).toBe(false);
});

test('refuses an end that is not later than the beginning, and a time without a zone', () => {
  const at = '2026-11-26T08:00:00Z';
  expect(() => selectionOf({ from: at, until: at })).toThrow('Expected --until to be later than --from');
  expect(() => selectionOf({ from: '2026-11-26T08:00:00' })).toThrow(
    /Expected --from to be a time with its zone/,
  );
});
