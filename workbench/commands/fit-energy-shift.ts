import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { outOfDistributionOf } from '../../src/gating/out-of-distribution.ts';
import type { DescriptorOutput, Prediction } from '../../src/messages/prediction.ts';
import type { ElementReference } from '../../src/messages/prepared.ts';
import { isReject } from '../../src/messages/reject.ts';
import { NO_CHANNELS, type Scan } from '../../src/messages/scan.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { manifestJson } from '../../src/model/manifest.ts';
import { absorption } from '../../src/spectra/absorption.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { bundleLines, writeBundle } from '../bundle/write-bundle.ts';
import { MEASURED } from '../data/data-folders.ts';
import { broaden } from '../measured/broaden.ts';
import { fitShift, type ShiftFit, type StandardScores } from '../measured/fit-shift.ts';
import { isDoubtful, readManifest, readStandard, type Standard } from '../measured/manifest.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { writeSvg } from '../report/plots/write-svg.ts';

const HELP = `Fits, for each element, the energy shift that takes measured scans to the model's theory scale, and whether measured
scans want broadening, on oxides whose oxidation state and coordination are in every textbook. Both are judged by the
mean over compounds of

  log P(oxidation state) + log P(coordination number) - (out-of-distribution score)^2 / 2

so that the model reads the standards right and finds them like the spectra it was trained on. Then each compound is
left out in turn: the shift is fitted on the others and the compound read with it. An element without standards keeps
its shift.

  npm run workbench -- fit-energy-shift [options]

  --data DIR      folder of XDI files with manifest.json (default: measured in XANES_DATA, or data/measured)
  --weights DIR   the model, with its gate table (default: models/spt)
  --out DIR       where tables/energy-shift.md and images/energy-shift.svg go (default: docs)
  --write         put the shifts into the model's manifest
  --help`;

/** What the command was called with. */
let flags: ReturnType<typeof readOptions>;

const readOptions = (args: readonly string[]) =>
  parseFlags({
    args,
    options: {
      data: { type: 'string', default: MEASURED },
      weights: { type: 'string', default: 'models/spt' },
      out: { type: 'string', default: 'docs' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;

const SHIFTS_EV = Array.from({ length: 25 }, (_, i) => -5 + 0.5 * i);
/** Gaussian sigma by which a scan is broadened before it is read; nothing can be sharpened. */
const BROADENINGS_EV = [0, 0.5, 1, 1.5];
/**
 * How far the edge of a calculation may be off, eV (sigma): what one or two standards leave open is not the end of the
 * range.
 */
const USUAL_SHIFT_EV = 4;
/** A standard that is flatly contradicted counts no more than this, lest one bad sample decides. */
const MIN_PROBABILITY = 0.01;
/** Beyond, nothing is gained by a somewhat smaller score. */
const MAX_SCORE = 4;

/** One scan at every broadening and shift; null where it cannot be prepared. */
type Surface = {
  readonly standard: Standard;
  readonly answers: readonly (readonly (Prediction | null)[])[]; // [broadenings][shifts]
  readonly scores: StandardScores;
};

export async function run(args: readonly string[]): Promise<void> {
  flags = readOptions(args);
  if (flags.help) console.log(HELP);
  else await fitMeasured();
}

async function fitMeasured(): Promise<void> {
  const bundle = openBundle(flags.weights);
  const { manifest, gate: calibration } = bundle;
  const model = await loadModel(bundle, { engine: 'auto' });
  const standards = readManifest(flags.data).filter((standard) => {
    return standard.neighbour === 'O' && Number.isInteger(standard.oxidationState) && !isDoubtful(standard);
  });

  async function surfaceOf(reference: ElementReference, standard: Standard): Promise<Surface> {
    const scan = readStandard(flags.data, standard);
    if (isReject(scan)) throw new Error(scan.detail);
    const answers: (Prediction | null)[][] = [];
    const scores: number[][] = [];
    for (const sigmaEv of BROADENINGS_EV) {
      const broadened = broadenedScan(scan, sigmaEv);
      const prepared = SHIFTS_EV.map((shiftEv) => {
        const moved = { ...reference, shiftsEv: { ...reference.shiftsEv, measured: shiftEv } };
        return makePrepare({ grid: manifest.grid, references: [moved] })(broadened);
      });
      const readable = prepared.flatMap((each) => (isReject(each) ? [] : [each.input]));
      const predictions = [...(await model.predict(readable))];
      const row = prepared.map((each) => (isReject(each) ? null : predictions.shift()!));
      answers.push(row);
      scores.push(
        row.map((prediction, i) => {
          if (prediction === null) return -100;
          return score(reference.element, standard, prediction) - (SHIFTS_EV[i]! / USUAL_SHIFT_EV) ** 2 / 2;
        }),
      );
    }
    return { standard, answers, scores: { compound: standard.compound, scores } };
  }

  function score(element: string, standard: Standard, { outputs, embedding }: Prediction): number {
    const { outOfDistributionScore, outOfDistributionLimit } = outOfDistributionOf(
      embedding,
      element,
      calibration.table.elements[element],
      0,
      calibration,
    );
    const relativeScore = Math.min(outOfDistributionScore / outOfDistributionLimit, MAX_SCORE);
    return (
      logOf(outputs.OS, standard.oxidationState) +
      logOf(outputs.CN, standard.coordinationNumber) -
      relativeScore ** 2 / 2
    );
  }

  const references: ElementReference[] = [];
  const fits: { reference: ElementReference; surfaces: Surface[]; fit: ShiftFit | null }[] = [];
  for (const reference of manifest.references) {
    const own = standards.filter(({ element }) => element === reference.element);
    const surfaces: Surface[] = [];
    for (const [i, standard] of own.entries()) {
      surfaces.push(await surfaceOf(reference, standard));
      process.stderr.write(`\r${reference.element}: ${i + 1} of ${own.length} scans `);
    }
    if (own.length > 0) process.stderr.write('\n');
    // The shift alone is fitted: the stream broadens no scan.
    const fit = surfaces.length === 0 ? null : fitShift(surfaces.map(({ scores }) => unbroadened(scores)));
    fits.push({ reference, surfaces, fit });
    const measured = fit === null ? reference.shiftsEv.measured : SHIFTS_EV[fit.shift]!;
    references.push(
      measured === undefined ? reference : { ...reference, shiftsEv: { ...reference.shiftsEv, measured } },
    );
  }
  await model.close();
  const page = table(fits, model.identity.id);
  mkdirSync(join(flags.out, 'tables'), { recursive: true });
  writeFileSync(join(flags.out, 'tables/energy-shift.md'), page);
  await plot(fits, join(flags.out, 'images/energy-shift.svg'));
  console.log(page);
  if (flags.write) {
    writeFileSync(join(flags.weights, 'manifest.json'), manifestJson({ ...manifest, references }));
    const { leftOut, ...written } = writeBundle(flags.weights);
    console.log(bundleLines(written, leftOut));
  }
}

function unbroadened({ compound, scores }: StandardScores): StandardScores {
  return { compound, scores: [scores[0]!] };
}

/** The scan's absorption, broadened; its reference foil stays as it is. */
function broadenedScan(scan: Scan, sigmaEv: number): Scan {
  if (sigmaEv === 0) return scan;
  const mu = absorption(scan);
  if (isReject(mu)) throw new Error(mu.detail);
  return {
    ...scan,
    ...NO_CHANNELS,
    muReference: scan.muReference,
    mode: 'MU',
    mu: broaden(scan.energyEv, mu, sigmaEv),
  };
}

type Fit = {
  readonly reference: ElementReference;
  readonly surfaces: readonly Surface[];
  readonly fit: ShiftFit | null;
};

function table(fits: readonly Fit[], id: string): string {
  const overview = fits.map(({ reference, surfaces, fit }) => {
    if (fit === null)
      return [
        reference.element,
        `${reference.shiftsEv.measured ?? '-'} (not fitted)`,
        '',
        '',
        '',
        'no oxide standard',
      ];
    const both = fitShift(surfaces.map(({ scores }) => scores));
    const compounds = compoundsOf(surfaces);
    const gain = both.byBroadening[both.broadening]! - both.byBroadening[0]!;
    const verdict =
      compounds.length < 3
        ? `; ${compounds.length === 1 ? 'one standard' : 'two standards'}: too few to judge`
        : '';
    return [
      reference.element,
      SHIFTS_EV[fit.shift]!,
      `${SHIFTS_EV[fit.from]} to ${SHIFTS_EV[fit.to]}`,
      BROADENINGS_EV[both.broadening]!,
      gain.toFixed(2),
      `${compounds.join(', ')}${verdict}`,
    ];
  });
  const rows: (string | number)[][] = [];
  const counts = { osOwn: 0, osOthers: 0, cnOwn: 0, cnOthers: 0, os: 0, cn: 0 };
  for (const { reference, surfaces, fit } of fits) {
    if (fit === null) continue;
    const compounds = compoundsOf(surfaces);
    for (const compound of compounds) {
      const own = surfaces.filter(({ standard }) => standard.compound === compound);
      const others = surfaces.filter(({ standard }) => standard.compound !== compound);
      const without =
        others.length === 0 ? null : fitShift(others.map(({ scores }) => unbroadened(scores))).shift;
      const { oxidationState, coordinationNumber } = own[0]!.standard;
      const answers = (name: 'OS' | 'CN', shift: number | null, truth: number | null): string => {
        if (shift === null) return 'no other standard';
        const values = own.map(({ answers: grid }) => valueOfClass(grid[0]![shift]?.outputs[name]));
        const right = values.filter((value) => value === truth).length;
        const spread = [...new Set(values)].map((value) => value ?? '-').join(' or ');
        return truth === null ? spread : `${spread}, ${right} of ${values.length} right`;
      };
      const majority = (name: 'OS' | 'CN', shift: number, truth: number | null): number => {
        const values = own.map(({ answers: grid }) => valueOfClass(grid[0]![shift]?.outputs[name]));
        return values.filter((value) => value === truth).length > values.length / 2 ? 1 : 0;
      };
      if (without !== null) {
        counts.os += 1;
        counts.osOwn += majority('OS', fit.shift, oxidationState);
        counts.osOthers += majority('OS', without, oxidationState);
        if (coordinationNumber !== null) {
          counts.cn += 1;
          counts.cnOwn += majority('CN', fit.shift, coordinationNumber);
          counts.cnOthers += majority('CN', without, coordinationNumber);
        }
      }
      rows.push([
        reference.element,
        compound.replace(/ \(.*\)$/, ''),
        `${oxidationState}, ${coordinationNumber ?? '-'}`,
        without === null ? '-' : SHIFTS_EV[without]!,
        answers('OS', without, oxidationState),
        answers('CN', without, coordinationNumber),
        answers('OS', fit.shift, oxidationState),
      ]);
    }
  }
  return `# Energy shift and broadening from theory to measurement

\`npm run fit-measured\` with ${id}. The shift (eV, added to calibrated energies) is what the manifest holds; "as good" are
shifts within half a unit of log-likelihood. Broadening is the Gaussian sigma (eV) by which the measured scans would have to
be broadened to be read best; 0 says that they are as broad as the training spectra or broader. A shift is taken to be ${USUAL_SHIFT_EV} eV or less, as a Gaussian's sigma,
before any standard is read. The stream broadens no
scan; "gain" is what it would bring in log-likelihood a compound. There is no measured oxygen edge, so that O is not fitted.

${markdownTable(['element', 'shift', 'as good', 'broadening', 'gain', 'standards'], overview)}
Each standard read with the shift that the other standards of its element give. With it ${counts.osOthers} of ${counts.os}
compounds have the right oxidation state (${counts.osOwn} with the shift fitted on all of them) and ${counts.cnOthers} of
${counts.cn} the right coordination number (${counts.cnOwn}).

${markdownTable(['element', 'left out', 'textbook OS, CN', 'shift of the others', 'OS', 'CN', 'OS with the shift of all'], rows)}
![Likelihood against the shift](../images/energy-shift.svg)
`;
}

async function plot(fits: readonly Fit[], file: string): Promise<void> {
  const values = fits.flatMap(({ reference, surfaces }) =>
    compoundsOf(surfaces).flatMap((compound) => {
      const own = surfaces.filter(({ standard }) => standard.compound === compound);
      return SHIFTS_EV.map((shiftEv, s) => ({
        element: reference.element,
        compound: compound.replace(/ \(.*\)$/, ''),
        shiftEv,
        score: own.reduce((sum, { scores }) => sum + scores.scores[0]![s]!, 0) / own.length,
      }));
    }),
  );
  await writeSvg(file, {
    title: 'How well each standard is read, against the energy shift',
    data: { values: values.filter(({ score }) => score > -50) },
    facet: { field: 'element', type: 'nominal', title: null },
    columns: 2,
    resolve: { scale: { color: 'independent' } },
    spec: {
      width: 240,
      height: 180,
      mark: { type: 'line', strokeWidth: 2 },
      encoding: {
        x: { field: 'shiftEv', type: 'quantitative', title: 'shift, eV' },
        y: { field: 'score', type: 'quantitative', title: 'log-likelihood' },
        color: { field: 'compound', type: 'nominal', title: null, legend: { orient: 'bottom', columns: 2 } },
      },
    },
  });
}

function compoundsOf(surfaces: readonly Surface[]): string[] {
  return [...new Set(surfaces.map(({ standard }) => standard.compound))];
}

function valueOfClass(output: DescriptorOutput | undefined): number | undefined {
  if (output?.kind !== 'class') return undefined;
  return output.classes[output.probabilities.indexOf(Math.max(...output.probabilities))];
}

/** 0 where the truth is not known, or is no class of the model. */
function logOf(output: DescriptorOutput | undefined, truth: number | null): number {
  if (output?.kind !== 'class' || truth === null || !output.classes.includes(truth)) return 0;
  return Math.log(Math.max(MIN_PROBABILITY, output.probabilities[output.classes.indexOf(truth)]!));
}
