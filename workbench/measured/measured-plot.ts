import type { JudgedDescriptor } from '../../src/messages/judgement.ts';
import { writeSvg } from '../report/plots/write-svg.ts';
import type { AnsweredStandard } from './answer-standards.ts';
import { answerOf, shortCompound } from './textbook.ts';

const OXIDES = 'oxides';
const OTHERS = 'no oxides: to be refused';
/** Name, colour and mark. */
const VERDICTS = [
  ['accepted', '#009E73', 'circle'],
  ['flagged', '#E69F00', 'triangle-up'],
  ['out of distribution', '#D55E00', 'cross'],
] as const;

/** Oxidation state of each measured scan, as answered and as in the textbook. */
export async function drawMeasured(
  answered: readonly AnsweredStandard[],
  id: string,
  file: string,
): Promise<void> {
  const y = { field: 'sample', type: 'nominal', title: null, axis: { grid: true, labelLimit: 260 } } as const;
  const domain = VERDICTS.map(([name]) => name);
  const verdict = { field: 'verdict', type: 'nominal', title: null } as const;
  await writeSvg(file, {
    title: `Oxidation state of measured scans (${id}): answer (marks) and textbook (lines)`,
    data: { values: measuredPoints(answered) },
    facet: { row: { field: 'kind', type: 'nominal', title: null, sort: [OXIDES, OTHERS] } },
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: 420,
      height: { step: 17 },
      layer: [
        {
          transform: [{ filter: 'datum.textbook !== null' }],
          mark: { type: 'tick', thickness: 3, color: '#888', size: 14 },
          encoding: { x: { field: 'textbook', type: 'quantitative' }, y },
        },
        {
          mark: { type: 'point', filled: true, size: 55, opacity: 0.75 },
          encoding: {
            x: {
              field: 'answer',
              type: 'quantitative',
              title: 'oxidation state',
              scale: { domain: [0, 6.2] },
            },
            y,
            color: { ...verdict, scale: { domain, range: VERDICTS.map(([, colour]) => colour) } },
            shape: { ...verdict, scale: { domain, range: VERDICTS.map(([, , mark]) => mark) } },
          },
        },
      ],
    },
  });
}

/** What is drawn: scans that were not refused. */
export function measuredPoints(answered: readonly AnsweredStandard[]) {
  return answered.flatMap((each) => {
    const value = answerOf(each, 'OS');
    if (value === undefined) return [];
    const { standard, kind } = each;
    return [
      {
        sample: `${standard.element}  ${shortCompound(standard)}`,
        answer: value.expected,
        textbook: standard.oxidationState,
        kind: kind === 'oxide' ? OXIDES : OTHERS,
        verdict: verdictOf(value),
      },
    ];
  });
}

function verdictOf({ verdict, reason }: JudgedDescriptor): (typeof VERDICTS)[number][0] {
  if (verdict === 'ACCEPT') return 'accepted';
  return reason === 'out-of-distribution' ? 'out of distribution' : 'flagged';
}
