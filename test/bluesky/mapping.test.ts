import { expect, test } from '@jest/globals';
import { parseMapping } from '../../src/bluesky/mapping.ts';

const MAPPING = { beamline: 'BM', energy: 'energy', mu: 'mu', element: 'start.element' };
const parsed = (changes: object) => () => parseMapping({ ...MAPPING, ...changes }, 'mapping.json');

test.each(['event.shutter', 'descriptor.name', 'baseline.shutter', 'plan_name'])(
  'runs cannot be chosen by %s, which is not known when the start comes',
  (place) => {
    expect(parsed({ only: { 'start.plan_name': ['xafs'], [place]: ['open'] } })).toThrow(
      `only.${place}: expected a place of the start, such as start.plan_name`,
    );
  },
);

test('the last run cannot be told by its events, which are not kept for it', () => {
  expect(parsed({ last: { 'event.last': ['1'] } })).toThrow(
    'last.event.last: expected a place such as start.last, descriptor.x or baseline.KEY',
  );
});

test('runs are chosen by places of the start, the last one also by descriptors and the baseline', () => {
  const only = { 'start.plan_name': ['xafs'], 'start.XDI.Element.edge': ['K'] };
  const last = { 'start.last': ['true'], 'descriptor.last': ['true'], 'baseline.last': ['1'] };
  expect(parsed({ only, last })()).toMatchObject({ only, last });
});
