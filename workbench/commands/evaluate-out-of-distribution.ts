import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { type Gate, type GateTable, judgedAs } from '../../src/gating/gate-table.ts';
import { outlierScore, outOfDistributionScore } from '../../src/gating/outlier-classifier.ts';
import { distanceToTraining } from '../../src/gating/training-embeddings.ts';
import type { Prediction } from '../../src/messages/prediction.ts';
import { isReject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { withoutOxygen } from '../calibration/fit-out-of-distribution.ts';
import { scanOfSite } from '../calibration/observe.ts';
import { OUTLIER_KINDS, outlierSpectrum } from '../calibration/outlier-spectra.ts';
import { MEASURED, OMNIXAS } from '../data/data-folders.ts';
import { readSites, type Site } from '../data/dataset.ts';
import { perturb } from '../data/perturb.ts';
import { seededRandom } from '../data/random.ts';
import { type Kind, kindOf, readManifest, readStandard } from '../measured/manifest.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { percent } from '../report/number-formats.ts';
import { writeSvg } from '../report/plots/write-svg.ts';
import { mean } from '../report/statistics.ts';

const HELP = `What detectors of spectra that are no oxides let pass: measured metals and sulphides against measured oxides, and computed
spectra at every noise level. No detector was fitted on a measured scan.

  npm run workbench -- evaluate-out-of-distribution [options]

  --data DIR      holds cu-feff9 (default: XANES_DATA or data/omnixas)
  --measured DIR  XDI files with manifest.json (default: measured in XANES_DATA, or data/measured)
  --weights DIR   the model, with its gate table (default: models/spt)
  --out DIR       where tables/novelty.md and images/novelty.svg go (default: docs)
  --help`;

/** What the command was called with. */
let flags: ReturnType<typeof readOptions>;

const readOptions = (args: readonly string[]) =>
  parseFlags({
    args,
    options: {
      data: { type: 'string', default: OMNIXAS },
      measured: { type: 'string', default: MEASURED },
      weights: { type: 'string', default: 'models/spt' },
      out: { type: 'string', default: 'docs' },
      help: { type: 'boolean', default: false },
    },
  }).values;

type Case = {
  readonly element: string;
  readonly mask: Float32Array;
  readonly bin: number;
  readonly prediction: Prediction;
  /** Spectra of one group count together as one. */
  readonly group: string;
  readonly kind: Kind | 'theory' | 'no oxygen beside' | 'distorted';
  readonly sigma: number;
};

/** Larger is further out; 1 is the limit where the detector has one in the table. */
type Detector = (each: Case) => number;

const SIGMAS = [0, 0.01, 0.02, 0.05, 0.1];
const SHARES = [0.5, 0.7, 0.8, 0.9, 0.95];
const SHIPPED = 'both';

export async function run(args: readonly string[]): Promise<void> {
  flags = readOptions(args);
  if (flags.help) console.log(HELP);
  else await evaluateOutOfDistribution();
}

async function evaluateOutOfDistribution(): Promise<void> {
  const bundle = openBundle(flags.weights);
  const { gate } = bundle;
  const model = await loadModel(bundle, { engine: 'auto' });
  const prepare = makePrepare(model.manifest);
  const random = seededRandom(11);
  const inputs: { scan: Scan; group: string; kind: Case['kind']; sigma: number }[] = [];
  for (const standard of readManifest(flags.measured)) {
    const scan = readStandard(flags.measured, standard);
    if (isReject(scan)) continue;
    inputs.push({
      scan,
      group: `${standard.element} ${standard.compound}`,
      kind: kindOf(standard),
      sigma: 0,
    });
  }
  const references = new Map(model.manifest.references.map((reference) => [reference.element, reference]));
  const sites = readSites(join(flags.data, 'cu-feff9/test.jsonl.gz'));
  for (const sigma of SIGMAS) {
    const noisy = (site: Site): Scan => scanOfSite(perturb(site, { noise: sigma }, 0, random));
    for (const [i, site] of sites.entries()) {
      const kind = withoutOxygen(site) ? 'no oxygen beside' : 'theory';
      inputs.push({ scan: noisy(site), group: site.id, kind, sigma });
      const distorted = outlierSpectrum(
        OUTLIER_KINDS[i % OUTLIER_KINDS.length]!,
        site,
        references.get(site.element)!,
        random,
      );
      inputs.push({ scan: noisy(distorted), group: site.id, kind: 'distorted', sigma });
    }
  }
  const prepared = inputs.flatMap((each) => {
    const result = prepare(each.scan);
    if (isReject(result)) return [];
    const { sigma: noise } = result.preparation.noise;
    const bin = gate.table.noiseEdges.findIndex((end) => noise < end);
    return [{ ...each, bin: bin < 0 ? gate.table.noiseEdges.length - 1 : bin, input: result.input }];
  });
  const predictions = await model.predict(prepared.map(({ input }) => input));
  const { id } = model.identity;
  await model.close();
  const cases = prepared.map((each, i): Case => ({ ...each, ...each.input, prediction: predictions[i]! }));
  const detectors = detectorsOf(gate);
  mkdirSync(join(flags.out, 'tables'), { recursive: true });
  const page = table(cases, detectors, gate.table, id);
  writeFileSync(join(flags.out, 'tables/novelty.md'), page);
  await plot(cases, detectors, join(flags.out, 'images/novelty.svg'), id);
  console.log(page);
}

function detectorsOf({ table, trainingEmbeddings }: Gate): ReadonlyMap<string, Detector> {
  const of = (each: Case) => judgedAs(table, each)!;
  const limit = (each: Case) => of(each).outOfDistributionLimit[each.bin]!;
  const distance: Detector = ({ element, prediction }) =>
    distanceToTraining(prediction.embedding, element, trainingEmbeddings);
  const odds: Detector = ({ element, prediction }) =>
    outlierScore(prediction.embedding, element, table.outlierClassifier, trainingEmbeddings);
  const judged = (each: Case, from: number) =>
    outOfDistributionScore(from, limit(each), odds(each), of(each).outlierRanges[each.bin]!);
  return new Map<string, Detector>([
    [SHIPPED, (each) => judged(each, distance(each))],
    ['classifier', (each) => judged(each, 0)],
    ['nearest training spectrum', (each) => distance(each) / limit(each)],
    [
      'softmax confidence',
      ({ prediction }) => {
        const best = (['OS', 'CN'] as const).map((name) => {
          const output = prediction.outputs[name];
          return output?.kind === 'class' ? Math.max(...output.probabilities) : 0;
        });
        return 1 - best[0]! * best[1]!;
      },
    ],
  ]);
}

function isOther({ kind }: Case): boolean {
  return ['sulphide', 'selenide', 'nitride', 'carbide'].includes(kind);
}

function measured(cases: readonly Case[], kind: Kind): Case[] {
  return cases.filter((each) => each.kind === kind);
}

/** Share of groups that pass, files of one compound counting together as one. */
function passing(cases: readonly Case[], detector: Detector, limit: number): number {
  const groups = new Map<string, boolean[]>();
  for (const each of cases)
    groups.set(each.group, [...(groups.get(each.group) ?? []), detector(each) <= limit]);
  const shares = [...groups.values()].map((passes) => passes.filter(Boolean).length / passes.length);
  return mean(shares);
}

/** The smallest limit at which that share of the cases passes. */
function limitFor(cases: readonly Case[], detector: Detector, share: number): number {
  const limits = cases.map(detector).sort((a, b) => a - b);
  return limits.find((limit) => passing(cases, detector, limit) >= share) ?? Number.POSITIVE_INFINITY;
}

function table(
  cases: readonly Case[],
  detectors: ReadonlyMap<string, Detector>,
  { elements }: GateTable,
  id: string,
): string {
  const [oxides, metals, others] = [
    measured(cases, 'oxide'),
    measured(cases, 'metal'),
    cases.filter(isOther),
  ];
  const rates = [...detectors].map(([name, detector]) => [
    name,
    ...SHARES.map((share) => {
      const limit = limitFor(oxides, detector, share);
      return `${percent(passing(metals, detector, limit), 0)}, ${percent(passing(others, detector, limit), 0)}`;
    }),
  ]);
  const shipped = [...detectors]
    .filter(([name]) => name !== 'softmax confidence')
    .map(([name, detector]) => [
      name,
      ...[oxides, metals, others].map((kind) => percent(passing(kind, detector, 1), 0)),
    ]);
  const theory = [...detectors]
    .filter(([name]) => name !== 'softmax confidence')
    .flatMap(([name, detector]) =>
      (['theory', 'no oxygen beside', 'distorted'] as const).map((kind) => [
        name,
        { theory: 'sites with oxygen', 'no oxygen beside': 'sites without', distorted: 'distorted spectra' }[
          kind
        ],
        ...SIGMAS.map((sigma) => {
          const of = cases.filter((each) => each.kind === kind && each.sigma === sigma);
          return percent(passing(of, detector, 1), 0);
        }),
      ]),
    );
  const unseen = Object.entries(elements).flatMap(([element, { inDistribution }]) => {
    if (inDistribution === undefined) return [];
    const { oxides, nonOxides } = inDistribution;
    const share = ({ passed, spectra }: typeof oxides) => [spectra, percent(passed / spectra, 0)];
    return [[element, ...share(oxides), ...share(nonOxides)]];
  });
  const groups = (of: readonly Case[]) => new Set(of.map(({ group }) => group)).size;
  return `# What is out of distribution

\`npm run evaluate-novelty\` with ${id}. The detectors were fitted on training spectra, distortions of them and computed
non-oxides (data/non-oxides), their limits set on held-out computed spectra; no measured scan took part. ${oxides.length} measured scans of ${groups(oxides)} oxides, ${metals.length} of
${groups(metals)} metals, ${others.length} of ${groups(others)} sulphides, nitrides and carbides; each compound counts once.

At the limits that ship (passed, share of compounds):

${markdownTable(['detector', 'oxides', 'metals', 'sulphides, nitrides, carbides'], shipped)}
Noise-free computed spectra at these limits, as \`npm run calibrate\` found them: each oxide was asked of a network, and each
non-oxide of a classifier, that had seen nothing of its group (of oxides its material or family, of non-oxides its structure type). The limits
are percentiles of these oxides, and were chosen with most of these non-oxides in sight:

${markdownTable(['element', 'unseen oxides', 'passed', 'unseen non-oxides', 'passed'], unseen)}
At limits moved until so many of the measured oxides pass: how many of the metals pass, and of the others:

${markdownTable(['detector', ...SHARES.map((share) => `${percent(share, 0)} of oxides`)], rates)}
![False accepts against oxides accepted](../images/novelty.svg)

Computed spectra of cu-feff9 test at the limits that ship, by the noise that was added. Sites without oxygen beside them are
Cu in oxides whose nearest neighbours are other anions or metals; distorted spectra are made as the classifier's examples were, of
other materials:

${markdownTable(['detector', 'spectra', ...SIGMAS.map((sigma) => `sigma ${sigma}`)], theory)}`;
}

async function plot(
  cases: readonly Case[],
  detectors: ReadonlyMap<string, Detector>,
  file: string,
  id: string,
): Promise<void> {
  const oxides = measured(cases, 'oxide');
  const outliers = [
    ['metals', measured(cases, 'metal')],
    ['sulphides, nitrides, carbides', cases.filter(isOther)],
  ] as const;
  const values = [...detectors].flatMap(([name, detector]) => {
    const limits = [...new Set([...oxides, ...outliers.flatMap(([, of]) => of)].map(detector))].sort(
      (a, b) => a - b,
    );
    return limits.flatMap((limit) =>
      outliers.map(([what, of]) => ({
        detector: name,
        what,
        oxides: passing(oxides, detector, limit),
        outliers: passing(of, detector, limit),
      })),
    );
  });
  await writeSvg(file, {
    title: `What passes beside the measured oxides, as the limit moves (${id})`,
    data: { values },
    facet: { field: 'what', type: 'nominal', title: null },
    spec: {
      width: 300,
      height: 300,
      mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 },
      encoding: {
        x: { field: 'oxides', type: 'quantitative', title: 'oxides accepted', axis: { format: '%' } },
        y: { field: 'outliers', type: 'quantitative', title: 'accepted wrongly', axis: { format: '%' } },
        color: { field: 'detector', type: 'nominal', title: null, sort: [...detectors.keys()] },
        order: { field: 'oxides', type: 'quantitative' },
      },
    },
  });
}
