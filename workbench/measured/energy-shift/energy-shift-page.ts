import { markdownTable } from '../../report/markdown-table.ts';
import { shortCompound } from '../textbook.ts';
import { compoundsOf, type ElementFit, shiftScoresOf } from './fit-energy-shifts.ts';
import { fitShift } from './fit-shift.ts';
import { countRight, type LeftOutCompound, leftOutCompounds, readAs, truthOf } from './left-out.ts';
import { BROADENINGS_EV, SHIFTS_EV, USUAL_SHIFT_EV } from './shift-surface.ts';

const SHIFTS_HEAD = ['element', 'shift', 'as good', 'broadening', 'gain', 'standards'];
const LEFT_OUT_HEAD = [
  'element',
  'left out',
  'textbook OS, CN',
  'shift of the others',
  'OS',
  'CN',
  'OS with the shift of all',
];

/** The page of energy shifts. */
export function energyShiftPage(fits: readonly ElementFit[], id: string): string {
  const compounds = leftOutCompounds(fits);
  const [os, cn] = [countRight(compounds, 'OS'), countRight(compounds, 'CN')];
  return `# Energy shift and broadening from theory to measurement

\`npm run workbench -- fit-energy-shift\` with ${id}. The shift (eV, added to calibrated energies) is what the manifest
holds; "as good" are shifts within half a unit of log-likelihood. Broadening is the Gaussian sigma (eV) by which the
measured scans would have to be broadened to be read best; 0 says that they are as broad as the training spectra or
broader. A shift is taken to be ${USUAL_SHIFT_EV} eV or less, as a Gaussian's sigma, before any standard is read. The
stream broadens no scan; "gain" is what it would bring in log-likelihood a compound. There is no measured oxygen edge,
so that O is not fitted.

${markdownTable(SHIFTS_HEAD, fits.map(elementRow))}
Each standard read with the shift that the other standards of its element give. With it ${os.others} of ${os.compounds}
compounds have the right oxidation state (${os.all} with the shift fitted on all of them) and ${cn.others} of
${cn.compounds} the right coordination number (${cn.all}).

${markdownTable(LEFT_OUT_HEAD, compounds.map(compoundRow))}
![Likelihood against the shift](../images/energy-shift.svg)
`;
}

function elementRow({ reference, surfaces, fit }: ElementFit): (string | number)[] {
  const { element, shiftsEv } = reference;
  if (fit === null)
    return [element, `${shiftsEv.measured ?? '-'} (not fitted)`, '', '', '', 'no oxide standard'];
  const both = fitShift(surfaces.map(shiftScoresOf));
  const compounds = compoundsOf(surfaces);
  const gain = both.byBroadening[both.broadening]! - both.byBroadening[0]!;
  const few = compounds.length === 1 ? 'one standard' : 'two standards';
  return [
    element,
    SHIFTS_EV[fit.shift]!,
    `${SHIFTS_EV[fit.from]} to ${SHIFTS_EV[fit.to]}`,
    BROADENINGS_EV[both.broadening]!,
    gain.toFixed(2),
    `${compounds.join(', ')}${compounds.length < 3 ? `; ${few}: too few to judge` : ''}`,
  ];
}

function compoundRow(compound: LeftOutCompound): (string | number)[] {
  const { oxidationState, coordinationNumber, others, all } = compound;
  return [
    compound.element,
    shortCompound(compound),
    `${oxidationState}, ${coordinationNumber ?? '-'}`,
    others === null ? '-' : SHIFTS_EV[others]!,
    ...(['OS', 'CN'] as const).map((name) =>
      others === null ? 'no other standard' : answerCell(compound, name, others),
    ),
    answerCell(compound, 'OS', all),
  ];
}

function answerCell(compound: LeftOutCompound, name: 'OS' | 'CN', shift: number): string {
  const truth = truthOf(compound, name);
  const values = readAs(compound, name, shift);
  const spread = [...new Set(values)].map((value) => value ?? '-').join(' or ');
  const right = values.filter((value) => value === truth).length;
  return truth === null ? spread : `${spread}, ${right} of ${values.length} right`;
}
