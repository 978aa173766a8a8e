import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { makeGate } from '../../src/gating/gate.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { JudgedDescriptor, Judgement } from '../../src/messages/judgement.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import { isReject, type Reject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { MEASURED } from '../data/data-folders.ts';
import {
  isDoubtful,
  type Kind,
  kindOf,
  readManifest,
  readStandard,
  type Standard,
  sampleOf,
} from '../measured/manifest.ts';
import { repeatNoise } from '../measured/repeat-noise.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { writeSvg } from '../report/plots/write-svg.ts';
import { median } from '../report/statistics.ts';

const HELP = `Every measured scan through the preparation, the model and the gate of the stream, beside what textbooks say.

  npm run workbench -- measured [options]

  --data DIR      folder of XDI files with manifest.json (default: measured in XANES_DATA, or data/measured)
  --weights DIR   the model, with its gate table (default: models/spt)
  --files TEXT    only files whose path contains this
  --out DIR       where tables/measured.md, tables/measured-repeats.md and images/measured.svg go (default: docs)
  --json          one JSON object a file on standard output, and nothing written
  --help`;

/** What the command was called with. */
let flags: ReturnType<typeof readOptions>;

const readOptions = (args: readonly string[]) =>
  parseFlags({
    args,
    options: {
      data: { type: 'string', default: MEASURED },
      weights: { type: 'string', default: 'models/spt' },
      files: { type: 'string', default: '' },
      out: { type: 'string', default: 'docs' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;

type Truth = 'right' | 'wrong' | 'n.a.';
type Read = { readonly standard: Standard; readonly kind: Kind; readonly scan: Scan | Reject } & (
  | { readonly reject: Reject }
  | { readonly reject: null; readonly prepared: Prepared; readonly judgement: Judgement }
);

const SHOWN_VERDICTS = ['accepted', 'flagged', 'out of distribution'];
const SHOWN: readonly DescriptorName[] = ['OS', 'CN', 'OCN'];

export async function run(args: readonly string[]): Promise<void> {
  flags = readOptions(args);
  if (flags.help) console.log(HELP);
  else await measured();
}

async function measured(): Promise<void> {
  const bundle = openBundle(flags.weights);
  const model = await loadModel(bundle, { engine: 'auto' });
  const prepare = makePrepare(model.manifest);
  const gate = makeGate(bundle.gate);
  const known = model.manifest.references.map(({ element }) => element);
  const standards = readManifest(flags.data).filter(({ file }) => file.includes(flags.files));
  const read: Read[] = [];
  for (const standard of standards) {
    const kind = kindOf(standard);
    const scan = readStandard(flags.data, standard);
    const prepared = isReject(scan) ? scan : prepare(scan);
    if (isReject(prepared)) read.push({ standard, kind, scan, reject: prepared });
    else {
      const [prediction] = await model.predict([prepared.input]);
      read.push({ standard, kind, scan, reject: null, prepared, judgement: gate(prepared, prediction!) });
    }
  }
  await model.close();
  if (flags.json) {
    for (const each of read) console.log(JSON.stringify(toJson(each)));
    return;
  }
  const { id } = model.identity;
  const tables = join(flags.out, 'tables');
  mkdirSync(tables, { recursive: true });
  const summary = summarise(read, known);
  writeFileSync(join(tables, 'measured.md'), measuredPage(read, id, summary));
  writeFileSync(join(tables, 'measured-repeats.md'), repeats(read));
  await plot(read, join(flags.out, 'images/measured.svg'), id);
  console.log(summary);
}

function answerOf(each: Read, name: DescriptorName): JudgedDescriptor | undefined {
  return each.reject === null ? each.judgement.descriptors.find((value) => value.name === name) : undefined;
}

/**
 * Whether a value is the textbook's; n.a. where the textbook has none, a mixture, or the sample's phase is not sure.
 */
function truthOf(each: Read, name: DescriptorName): Truth {
  const { oxidationState, coordinationNumber } = each.standard;
  const value = answerOf(each, name)?.value;
  const oxygens = each.kind === 'oxide' ? coordinationNumber : null;
  const truth = { OS: oxidationState, CN: coordinationNumber, OCN: oxygens }[name as 'OS'];
  if (value === undefined || truth === null || truth === undefined) return 'n.a.';
  if (each.kind !== 'oxide' || !Number.isInteger(truth) || isDoubtful(each.standard)) return 'n.a.';
  return value === truth ? 'right' : 'wrong';
}

function accepted(each: Read, name: DescriptorName): boolean {
  return answerOf(each, name)?.verdict === 'ACCEPT';
}

function anyAccepted(each: Read): boolean {
  return each.reject === null && each.judgement.descriptors.some(({ verdict }) => verdict === 'ACCEPT');
}

function summarise(read: readonly Read[], known: readonly string[]): string {
  const oxides = read.filter(({ kind, standard }) => kind === 'oxide' && known.includes(standard.element));
  const compounds = (of: readonly Read[]) =>
    new Set(of.map(({ standard }) => `${standard.element} ${standard.compound}`)).size;
  const beyond = oxides.filter((each) => {
    const { oxidationState } = each.standard;
    const { classes } = answerOf(each, 'OS') ?? {};
    return truthOf(each, 'OS') === 'wrong' && oxidationState !== null && !classes?.includes(oxidationState);
  });
  const rows = SHOWN.map((name) => {
    const judgeable = oxides.filter((each) => truthOf(each, name) !== 'n.a.');
    const right = (of: readonly Read[]) => of.filter((each) => truthOf(each, name) === 'right');
    const passed = judgeable.filter((each) => accepted(each, name));
    const doubtful = oxides.filter((each) => truthOf(each, name) === 'n.a.' && accepted(each, name));
    return [
      name,
      `${judgeable.length} (${compounds(judgeable)})`,
      `${right(judgeable).length} (${compounds(right(judgeable))})`,
      `${passed.length} (${compounds(passed)})`,
      `${right(passed).length} (${compounds(right(passed))})`,
      `${doubtful.length} (${compounds(doubtful)})`,
    ];
  });
  const outliers = [
    ...(['metal', 'sulphide', 'selenide', 'nitride', 'carbide'] as const).map((kind) => {
      const of = read.filter((each) => each.kind === kind && known.includes(each.standard.element));
      return [kind, of] as const;
    }),
    [
      'elements that the model does not know',
      read.filter(({ standard }) => !known.includes(standard.element)),
    ] as const,
  ].filter(([, of]) => of.length > 0);
  return [
    markdownTable(
      [
        'oxides of known elements',
        'with a textbook value',
        'read right',
        'accepted',
        'of these right',
        'accepted besides, without a sure value',
      ],
      rows,
    ),
    `Files, and compounds in brackets. ${beyond.length} of those not read right (${compounds(beyond)} compounds) have an oxidation state that the model ` +
      'has no class for, since no training spectrum has it.\n',
    markdownTable(
      ['no oxides', 'files', 'out of distribution', 'not prepared', 'with any value accepted'],
      outliers.map(([name, of]) => [
        name,
        `${of.length} (${compounds(of)})`,
        String(of.filter((each) => answerOf(each, 'OS')?.reason === 'out-of-distribution').length),
        String(of.filter(({ reject }) => reject !== null).length),
        String(of.filter(anyAccepted).length),
      ]),
    ),
  ].join('\n');
}

function measuredPage(read: readonly Read[], id: string, summary: string): string {
  const rows = read.map((each) => {
    const { standard, kind } = each;
    const textbook = [
      standard.oxidationState === null ? '-' : signed(standard.oxidationState),
      standard.coordinationNumber ?? '-',
    ].join(', ');
    const name = `${standard.compound.replace(/ \(.*\)$/, '')}${isDoubtful(standard) ? ' (phase not sure)' : ''}`;
    if (each.reject !== null) {
      return [standard.file, name, kind, textbook, '', '', '', `refused: ${each.reject.reason}`];
    }
    const { noise, energyShiftSource } = each.prepared.preparation;
    const { outOfDistributionScore, outOfDistributionLimit } = each.judgement;
    return [
      standard.file,
      name,
      kind,
      textbook,
      ...SHOWN.map((descriptor) => cell(each, descriptor)),
      `${(outOfDistributionScore / outOfDistributionLimit).toFixed(2)}${energyShiftSource === 'reference-foil' ? ', foil' : ''}, noise ${noise.sigma.toFixed(4)}`,
    ];
  });
  return `# Measured scans

\`npm run measured\` with ${id}. No measured scan took part in training, calibration or the fit of what is out of
distribution; the energy shift of each element was fitted on the oxides among them ([energy-shift.md](energy-shift.md) has
each standard judged by a shift that was fitted without it). Textbook values by the sample's name.

${summary}
Every file. A value is followed by its calibrated probability, the verdict on it with its reason, and whether it is the
textbook's (n.a.: no oxide, no single textbook value, or a phase that is not sure). The last column: novelty over its limit
(above 1 is out of distribution), whether the energies were tied to the scan's own reference foil, and the noise of a point.

![Oxidation states of measured scans](../images/measured.svg)

${markdownTable(['file', 'sample', 'kind', 'textbook OS, CN', ...SHOWN, 'novelty, noise'], rows)}`;
}

function cell(each: Read, name: DescriptorName): string {
  const value = answerOf(each, name);
  if (value === undefined) return '';
  const { confidence, verdict, reason } = value;
  const judged = verdict === 'ACCEPT' ? '**accept**' : `${verdict.toLowerCase()} (${reason})`;
  return `${name === 'OS' ? signed(value.value) : value.value} ${(confidence ?? 0).toFixed(2)} ${judged}, ${truthOf(each, name)}`;
}

/** Noise from one scan beside the spread of the repeats of its sample. */
function repeats(read: readonly Read[]): string {
  const samples = new Map<string, Read[]>();
  for (const each of read) {
    const sample = sampleOf(each.standard);
    samples.set(sample, [...(samples.get(sample) ?? []), each]);
  }
  const ratios: number[] = [];
  let apart = 0;
  const rows = [...samples].flatMap(([sample, of]) => {
    const scans = of.flatMap(({ scan }) => (isReject(scan) ? [] : [scan]));
    const estimates = of.flatMap((each) =>
      each.reject === null ? [each.prepared.preparation.noise.postEdge] : [],
    );
    if (scans.length < 2 || estimates.length < 2) return [];
    const noise = repeatNoise(scans);
    if (noise === null) {
      apart += 1;
      return [];
    }
    const estimate = median(estimates);
    ratios.push(estimate / noise.pointToPoint);
    const figures = [estimate, noise.pointToPoint, noise.spread].map((figure) => figure.toFixed(5));
    return [[sample, scans.length, noise.points, ...figures, (estimate / noise.pointToPoint).toFixed(2)]];
  });
  const sorted = [...ratios].sort((a, b) => a - b);
  const outcome =
    ratios.length === 0
      ? 'No sample has repeats.'
      : `Over ${ratios.length} samples the estimate is ${median(ratios).toFixed(2)} times the noise of the repeats in the median, ` +
        `${sorted[0]!.toFixed(2)} to ${sorted.at(-1)!.toFixed(2)} times at the extremes. ${apart} more samples have repeats on ` +
        'other energies, which cannot be compared point by point.';
  return `# Noise from one scan, and from repeats

\`npm run measured\`. The estimate of the stream looks at one scan alone (median over the repeats; past the edge, over the edge
step). The repeats' noise is the robust standard deviation of a point about their mean: of the change from one point to the
next, which no drift touches, and of the value itself, where drifts of normalisation and energy between the scans come in.

${outcome}

${markdownTable(['sample', 'repeats', 'points', 'estimate from one scan', 'repeats, point to point', 'repeats, value', 'estimate over point to point'], rows)}`;
}

async function plot(read: readonly Read[], file: string, id: string): Promise<void> {
  const values = read.flatMap((each) => {
    const value = answerOf(each, 'OS');
    if (value === undefined) return [];
    const { element, compound, oxidationState } = each.standard;
    return [
      {
        sample: `${element}  ${compound.replace(/ \(.*\)$/, '')}`,
        answer: value.expected,
        textbook: oxidationState,
        kind: each.kind === 'oxide' ? 'oxides' : 'no oxides: to be refused',
        verdict:
          value.verdict === 'ACCEPT'
            ? 'accepted'
            : value.reason === 'out-of-distribution'
              ? 'out of distribution'
              : 'flagged',
      },
    ];
  });
  const y = { field: 'sample', type: 'nominal', title: null, axis: { grid: true, labelLimit: 260 } } as const;
  await writeSvg(file, {
    title: `Oxidation state of measured scans (${id}): answer (marks) and textbook (lines)`,
    data: { values },
    facet: {
      row: { field: 'kind', type: 'nominal', title: null, sort: ['oxides', 'no oxides: to be refused'] },
    },
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
            color: {
              field: 'verdict',
              type: 'nominal',
              title: null,
              scale: {
                domain: SHOWN_VERDICTS,
                range: ['#009E73', '#E69F00', '#D55E00'],
              },
            },
            shape: {
              field: 'verdict',
              type: 'nominal',
              title: null,
              scale: {
                domain: SHOWN_VERDICTS,
                range: ['circle', 'triangle-up', 'cross'],
              },
            },
          },
        },
      ],
    },
  });
}

function toJson(each: Read): object {
  const { standard, kind } = each;
  const base = { file: standard.file, element: standard.element, compound: standard.compound, kind };
  if (each.reject !== null) return { ...base, refused: each.reject.reason, detail: each.reject.detail };
  const { outOfDistributionScore, outOfDistributionLimit, advice } = each.judgement;
  const answers = SHOWN.flatMap((name) => {
    const value = answerOf(each, name);
    if (value === undefined) return [];
    const { confidence, verdict, reason } = value;
    return [[name, { value: value.value, confidence, verdict, reason, truth: truthOf(each, name) }] as const];
  });
  return {
    ...base,
    advice,
    outOfDistributionScore: outOfDistributionScore / outOfDistributionLimit,
    descriptors: Object.fromEntries(answers),
  };
}

function signed(value: number): string {
  return value > 0 ? `+${Number(value.toFixed(2))}` : String(value);
}
