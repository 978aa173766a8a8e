import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../bundle.ts';
import { modelFolder } from '../cli/model-folder.ts';
import { parseFlags } from '../cli/parse-flags.ts';
import { runCommand } from '../cli/run-command.ts';
import { readXdi } from '../formats/xdi.ts';
import { makeGate } from '../gating/gate.ts';
import type { DescriptorName } from '../messages/descriptor-names.ts';
import type { JudgedDescriptor, Judgement } from '../messages/judgement.ts';
import type { Prepared } from '../messages/prepared.ts';
import { isReject, type Reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import { type EngineName, loadModel } from '../model/load-model.ts';
import type { MapPoint } from '../model/map.ts';
import { makePrepare } from '../spectra/prepare.ts';

const HELP = `Reads scans from XDI files and says what they tell of their absorber, and how far to trust it: the
preparation, model and gate of the stream.

  npm run -s predict -- FILE_OR_FOLDER... [options]

Folders are searched for .xdi and .xd files. A measured scan is taken as such; a file may name another energy scale in a
header line, "# Energy.scale: feff9".

  --json            one JSON object a line instead of a table:
                    {file, element, edge, advice, descriptors: {OS: {value, probability or interval, verdict, reason}},
                    map: {x, y}, its place on the map of training spectra}
                    or {file, error, reason}
  --all             all descriptors in the table, not only OS, CN and OCN
  --model NAME|DIR  a folder under models/, or any other (default: MODEL_DIR or models/spt)
  --engine NAME     auto, onnxruntime, tfjs-node, tfjs-node-gpu or tfjs (default: auto)
  --help

The exit code is 1 if no file could be read.`;

const { values: flags, positionals } = parseFlags({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    model: { type: 'string', default: process.env.MODEL_DIR ?? 'models/spt' },
    engine: { type: 'string', default: 'auto' },
    help: { type: 'boolean', default: false },
  },
});

/** Shown without --all. */
const SHORT: readonly DescriptorName[] = ['OS', 'CN', 'OCN'];

type Answer = { readonly file: string } & (
  | {
      readonly scan: Scan;
      readonly prepared: Prepared;
      readonly judgement: Judgement;
      readonly place: MapPoint | null;
    }
  | { readonly reject: Reject }
);

if (flags.help) console.log(HELP);
else if (positionals.length === 0) {
  console.error('Expected files or folders: see --help');
  process.exitCode = 2;
} else await runCommand(() => predict(positionals.flatMap(filesIn)));

async function predict(files: readonly string[]): Promise<void> {
  const bundle = openBundle(modelFolder(flags.model));
  const { map } = bundle;
  const model = await loadModel(bundle, { engine: flags.engine as 'auto' | EngineName });
  const prepare = makePrepare(bundle.manifest);
  const gate = makeGate(bundle.gate);
  const read = files.map((file) => {
    const scan = readFile(file);
    return { file, scan, prepared: isReject(scan) ? scan : prepare(scan) };
  });
  const inputs = read.flatMap(({ prepared }) => (isReject(prepared) ? [] : [prepared.input]));
  const predictions = [...(await model.predict(inputs))];
  await model.close();

  const answers = read.map(({ file, scan, prepared }): Answer => {
    if (isReject(scan)) return { file, reject: scan };
    if (isReject(prepared)) return { file, reject: prepared };
    const prediction = predictions.shift()!;
    const place = map?.locate(prediction.embedding, scan.element) ?? null;
    return { file, scan, prepared, judgement: gate(prepared, prediction), place };
  });
  if (flags.json) for (const answer of answers) console.log(JSON.stringify(toJson(answer)));
  else printTable(answers);
  if (inputs.length === 0) {
    console.error(`Expected at least one scan that can be read, got none in ${files.length} files`);
    process.exitCode = 1;
  }
}

function filesIn(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.xdi?$/i.test(name))
    .sort()
    .map((name) => join(path, name));
}

function readFile(file: string): Scan | Reject {
  try {
    return readXdi(readFileSync(file, 'utf8'), file);
  } catch (error) {
    return { kind: 'reject', reason: 'malformed-xdi', detail: (error as Error).message };
  }
}

function toJson(answer: Answer): object {
  const { file } = answer;
  if ('reject' in answer) return { file, error: answer.reject.detail, reason: answer.reject.reason };
  const { scan, prepared, judgement, place } = answer;
  const { e0Ev, edgeStep, energyShiftEv, energyShiftSource, noise } = prepared.preparation;
  return {
    file,
    element: scan.element,
    edge: scan.edge,
    advice: judgement.advice.toLowerCase(),
    adviceReason: judgement.adviceReason,
    descriptors: Object.fromEntries(judgement.descriptors.map((each) => [each.name, valueJson(each)])),
    novelty: round(judgement.outOfDistributionScore),
    noveltyLimit: round(judgement.outOfDistributionLimit),
    preparation: {
      e0Ev,
      edgeStep: round(edgeStep),
      energyShiftEv,
      energyShiftSource,
      noise: round(noise.sigma),
    },
    ...(place === null ? {} : { map: { x: round(place.x), y: round(place.y) } }),
  };
}

function valueJson({ value, confidence, low, high, level, verdict, reason }: JudgedDescriptor): object {
  const certainty =
    confidence === null ? { interval: [round(low), round(high)], level } : { probability: round(confidence) };
  return { value: round(value), ...certainty, verdict: verdict.toLowerCase(), reason };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

function printTable(answers: readonly Answer[]): void {
  const rows = answers.map((answer) => {
    if ('reject' in answer) return [answer.file, '', answer.reject.reason, answer.reject.detail];
    const { scan, prepared, judgement } = answer;
    const shown = judgement.descriptors.filter(({ name }) => flags.all || SHORT.includes(name));
    return [
      answer.file,
      scan.element,
      judgement.advice.toLowerCase(),
      ...shown.map(cell),
      `noise ${prepared.preparation.noise.sigma.toFixed(4)}`,
    ];
  });
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, text] of row.slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? 0, text.length);
  }
  for (const row of rows)
    console.log(row.map((text, i) => text.padEnd(i === row.length - 1 ? 0 : widths[i]!)).join('  '));
}

function cell({ name, value, unit, confidence, low, high, verdict, reason }: JudgedDescriptor): string {
  const certainty =
    confidence === null ? `${low.toFixed(2)}..${high.toFixed(2)} ${unit}` : confidence.toFixed(2);
  const judged = verdict === 'ACCEPT' ? 'accept' : `${verdict.toLowerCase()} (${reason})`;
  return `${name} ${confidence === null ? value.toFixed(2) : value} [${certainty}] ${judged}`;
}
