import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import { markdownTable } from '../report/markdown-table.ts';
import type { AnsweredStandard } from './answer-standards.ts';
import { isDoubtful } from './manifest.ts';
import { answerOf, SHOWN, shortCompound, textbookTruthOf, verdictText } from './textbook.ts';

/**
 * The page of all measured scans.
 * @param summary as `measuredSummary` gives it
 */
export function measuredPage(answered: readonly AnsweredStandard[], id: string, summary: string): string {
  return `# Measured scans

\`npm run workbench -- measured\` with ${id}. No measured scan took part in training, calibration or the fit of what is
out of distribution; the energy shift of each element was fitted on the oxides among them and on measured series
([measured-means.md](measured-means.md) has each compound read with a shift that was fitted without it). Textbook
values by the sample's name.

${summary}
Every file. A value is followed by its calibrated probability, the verdict on it with its reason, and whether it is the
textbook's (n.a.: no oxide, no single textbook value, or a phase that is not sure). The last column: novelty over its
limit (above 1 is out of distribution), whether the energies were tied to the scan's own reference foil, and the noise
of a point.

![Oxidation states of measured scans](../images/measured.svg)

${markdownTable(['file', 'sample', 'kind', 'textbook OS, CN', ...SHOWN, 'novelty, noise'], answered.map(row))}`;
}

function row(each: AnsweredStandard): (string | number)[] {
  const { standard, kind } = each;
  const textbook = [
    standard.oxidationState === null ? '-' : charge(standard.oxidationState),
    standard.coordinationNumber ?? '-',
  ].join(', ');
  const name = `${shortCompound(standard)}${isDoubtful(standard) ? ' (phase not sure)' : ''}`;
  const about = [standard.file, name, kind, textbook];
  if (each.reject !== null) return [...about, ...SHOWN.map(() => ''), `refused: ${each.reject.reason}`];
  const { noise, energyShiftSource } = each.prepared.preparation;
  const { outOfDistributionScore, outOfDistributionLimit } = each.judgement;
  const foil = energyShiftSource === 'reference-foil' ? ', foil' : '';
  const score = (outOfDistributionScore / outOfDistributionLimit).toFixed(2);
  return [
    ...about,
    ...SHOWN.map((descriptor) => cell(each, descriptor)),
    `${score}${foil}, noise ${noise.sigma.toFixed(4)}`,
  ];
}

function cell(each: AnsweredStandard, name: DescriptorName): string {
  const value = answerOf(each, name);
  if (value === undefined) return '';
  const said = name === 'OS' ? charge(value.value) : value.value;
  return `${said} ${(value.confidence ?? 0).toFixed(2)} ${verdictText(value)}, ${textbookTruthOf(each, name)}`;
}

function charge(value: number): string {
  return value > 0 ? `+${Number(value.toFixed(2))}` : String(value);
}
