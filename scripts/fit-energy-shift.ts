import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readXdi } from '../src/consumers/xdi.ts';
import { readGateTable } from '../src/gating/gate-table.ts';
import { distanceToSupport } from '../src/gating/support.ts';
import type { DescriptorOutput } from '../src/messages/prediction.ts';
import type { ElementReference } from '../src/messages/prepared.ts';
import { isReject } from '../src/messages/reject.ts';
import type { Scan } from '../src/messages/scan.ts';
import { loadModel } from '../src/model/load-model.ts';
import { manifestJson, WEIGHTS_FILES } from '../src/model/manifest.ts';
import { makePrepare } from '../src/spectra/prepare.ts';

const HELP = `Fits, for each element, the one energy shift that takes measured scans to the model's theory scale, on oxides whose
oxidation state and coordination are in every textbook. A shift is judged by the mean over compounds of

  log P(oxidation state) + log P(coordination number) - novelty^2 / 2

so that the model reads the standards right and finds them like the spectra it was trained on. The range within 0.5 of
the best is printed: how well the standards fix it. An element without standards keeps its shift.

  node --import tsx scripts/fit-energy-shift.ts [options]

  --data DIR      folder of measured scans with manifest.json (default: ../shared/data/measured)
  --weights DIR   the model, with its gate table (default: weights/spt)
  --write         put the shifts into the model's manifest
  --help`;

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data/measured' },
    weights: { type: 'string', default: 'weights/spt' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

type Standard = {
  readonly file: string;
  readonly element: string;
  readonly compound: string;
  readonly oxidationState: number | null;
  readonly coordinationNumber: number | null;
  readonly neighbour: string;
  readonly note: string;
};

const SHIFTS_EV = Array.from({ length: 49 }, (_, i) => -5 + 0.25 * i);
/** A standard that is flatly contradicted counts no more than this, lest one bad sample decides. */
const MIN_PROBABILITY = 0.01;
/** Names and notes of samples whose phase is not sure. */
const DOUBTFUL = /nominal|defective|bad sample|not proven/i;

if (flags.help) console.log(HELP);
else await fitShifts();

async function fitShifts(): Promise<void> {
  const model = await loadModel({ directory: flags.weights, engine: 'auto' });
  const { manifest } = model;
  const { table, support } = readGateTable(flags.weights, manifest.hash);
  const listed: readonly Standard[] = JSON.parse(readFileSync(join(flags.data, 'manifest.json'), 'utf8'));
  const standards = listed.filter(({ oxidationState, neighbour, compound, note }) => {
    return neighbour === 'O' && Number.isInteger(oxidationState) && !DOUBTFUL.test(`${compound} ${note}`);
  });

  async function judge(reference: ElementReference, shiftEv: number, known: readonly [Standard, Scan][]) {
    const moved = { ...reference, shiftsEv: { ...reference.shiftsEv, measured: shiftEv } };
    const prepare = makePrepare({ grid: manifest.grid, references: [moved] });
    const byCompound = new Map<string, number[]>();
    for (const [standard, scan] of known) {
      const prepared = prepare(scan);
      if (isReject(prepared)) return Number.NEGATIVE_INFINITY;
      const [prediction] = await model.predict([prepared.input]);
      const { OS, CN } = prediction!.outputs;
      const distance = distanceToSupport(prediction!.embedding, reference.element, support);
      const novelty = distance / table.elements[reference.element]!.noveltyLimit[0]!;
      const score =
        logOf(OS, standard.oxidationState) + logOf(CN, standard.coordinationNumber) - novelty ** 2 / 2;
      byCompound.set(standard.compound, [...(byCompound.get(standard.compound) ?? []), score]);
    }
    return mean([...byCompound.values()].map(mean));
  }

  const references: ElementReference[] = [];
  for (const reference of manifest.references) {
    const known = standards
      .filter(({ element }) => element === reference.element)
      .map((standard): [Standard, Scan] => {
        const scan = readXdi(readFileSync(join(flags.data, standard.file), 'latin1'), standard.file);
        if (isReject(scan)) throw new Error(scan.detail);
        return [standard, scan];
      });
    const before = reference.shiftsEv.measured!;
    if (known.length === 0) {
      console.log(`${reference.element}: no standard, stays at ${before} eV`);
      references.push(reference);
      continue;
    }
    const scores: number[] = [];
    for (const shiftEv of SHIFTS_EV) scores.push(await judge(reference, shiftEv, known));
    const best = Math.max(...scores);
    const shiftEv = SHIFTS_EV[scores.indexOf(best)]!;
    const near = SHIFTS_EV.filter((_, i) => scores[i]! > best - 0.5);
    const compounds = [...new Set(known.map(([{ compound }]) => compound))].join(', ');
    console.log(
      `${reference.element}: ${shiftEv} eV (${near[0]} to ${near.at(-1)}), was ${before}; ${known.length} scans of ${compounds}`,
    );
    references.push({ ...reference, shiftsEv: { ...reference.shiftsEv, measured: shiftEv } });
  }
  await model.close();
  if (flags.write) {
    writeFileSync(join(flags.weights, WEIGHTS_FILES.manifest), manifestJson({ ...manifest, references }));
  }
}

/** 0 where the truth is not known, or is no class of the model. */
function logOf(output: DescriptorOutput | undefined, truth: number | null): number {
  if (output?.kind !== 'class' || truth === null || !output.classes.includes(truth)) return 0;
  return Math.log(Math.max(MIN_PROBABILITY, output.probabilities[output.classes.indexOf(truth)]!));
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
