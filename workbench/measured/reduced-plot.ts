import { writeSvg } from '../report/plots/write-svg.ts';
import type { AnsweredReduced } from './reduced.ts';
import { meanOf } from './reduced-page.ts';

const VERDICTS = [
  ['ACCEPT', '#009E73'],
  ['FLAG', '#E69F00'],
  ['REJECT', '#D55E00'],
] as const;

/** Mean oxidation state with its interval over the true one. */
export async function drawReduced(
  answered: readonly AnsweredReduced[],
  id: string,
  file: string,
): Promise<void> {
  const values = answered.flatMap((each) => {
    if (each.reject !== null) return [];
    const { value, low, high, verdict } = meanOf(each);
    return [{ element: each.oxide.element, truth: each.meanOxidationState, value, low, high, verdict }];
  });
  const top = Math.ceil(Math.max(1, ...values.map(({ high }) => high)));
  const scale = { domain: [0, top] };
  const x = { field: 'truth', type: 'quantitative', title: 'true mean oxidation state', scale } as const;
  const color = {
    field: 'verdict',
    type: 'nominal',
    title: null,
    scale: { domain: VERDICTS.map(([name]) => name), range: VERDICTS.map(([, colour]) => colour) },
  } as const;
  await writeSvg(file, {
    title: `Measured oxides with 10 to 90% of their metal (${id}): what is read, with its interval`,
    data: { values },
    facet: { column: { field: 'element', type: 'nominal', title: null } },
    spec: {
      width: 190,
      height: 190,
      layer: [
        {
          data: { values: [{ truth: 0 }, { truth: top }] },
          mark: { type: 'line', color: '#888', strokeDash: [4, 3] },
          encoding: { x, y: { field: 'truth', type: 'quantitative' } },
        },
        {
          mark: { type: 'rule', opacity: 0.6 },
          encoding: {
            x,
            y: { field: 'low', type: 'quantitative', title: 'read', scale },
            y2: { field: 'high' },
            color,
          },
        },
        {
          mark: { type: 'point', filled: true, size: 36, opacity: 0.9 },
          encoding: { x, y: { field: 'value', type: 'quantitative' }, color },
        },
      ],
    },
  });
}
