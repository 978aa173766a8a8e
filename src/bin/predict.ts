import { answerFiles } from '../answer-files.ts';
import { openBundle } from '../bundle.ts';
import { modelFolder } from '../cli/model-folder.ts';
import { parseFlags, readFlags } from '../cli/parse-flags.ts';
import { runCommand } from '../cli/run-command.ts';
import { fileStandards } from '../file-standards.ts';
import { makeGate } from '../gating/gate.ts';
import { gateAtLevel } from '../gating/gate-at-level.ts';
import { loadModel } from '../model/load-model.ts';
import type { MapPoint, SpectrumMap } from '../model/map.ts';
import { alignedRows, answerJson, answerRow, type FileAnswer } from '../predict-text.ts';
import { readScanFiles, scanFilesIn } from '../scan-files.ts';

const HELP = `Reads scans from files and says what they tell of their absorber, and how far to trust it: the
preparation, model and gate of the stream. Files are XDI, plain columns or JSON lines (docs/files.md).

  npm run -s predict -- FILE_OR_FOLDER... [options]

Folders are searched for .xdi, .xd, .dat, .csv and .jsonl files. A measured scan is taken as such; a file may name
another energy scale in a header line, "# Energy.scale: feff9".

  --json            one JSON object a line instead of a table:
                    {file, element, edge, advice,
                    descriptors: {OS: {value, confidence or low and high, verdict, reason}},
                    mean: {OS: {value, low, high, level, verdict, reason, method}}, change, mixedSites,
                    energyShift: {ev, sigmaEv, source}, standards: ids of those that it was read with,
                    notes: what was mended or left out, map: {x, y}}
                    or {file, error, reason}; of JSON lines with the id of the line
  --element, --edge what is measured, where a file of columns does not say (edge: K)
  --energy, --i0, --it, --if, --mu, --reference
                    which column is which, by name or by number from 1, where its name does not tell
  --standards FILE  scans of a foil or of known samples that these are read with, JSON lines with
                    "known": {"foil": true} or {"meanOxidationState": x, "uncertainty": u}; may be repeated
  --level L         coverage of the intervals, 0.5 to 0.98 (default: 0.9)
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
    element: { type: 'string' },
    edge: { type: 'string' },
    energy: { type: 'string' },
    i0: { type: 'string' },
    it: { type: 'string' },
    if: { type: 'string' },
    mu: { type: 'string' },
    reference: { type: 'string' },
    model: { type: 'string', default: process.env.MODEL_DIR ?? 'models/spt' },
    engine: { type: 'string', default: 'auto' },
    standards: { type: 'string', multiple: true, default: [] },
    level: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const ENGINES = ['auto', 'onnxruntime', 'tfjs-node', 'tfjs-node-gpu', 'tfjs'] as const;
const engine = readFlags(() => {
  const known = ENGINES.find((name) => name === flags.engine);
  if (known === undefined)
    throw new Error(`Expected --engine to be ${ENGINES.join(', ')}, got ${flags.engine}`);
  return known;
});

const level = readFlags(() => {
  if (flags.level === undefined) return null;
  const value = Number(flags.level);
  if (!(value >= 0.5 && value <= 0.98))
    throw new Error(`Expected --level to be from 0.5 to 0.98, got ${flags.level}`);
  return value;
});

if (flags.help) console.log(HELP);
else if (positionals.length === 0) {
  console.error('Expected files or folders; --help lists the options');
  process.exitCode = 2;
} else await runCommand(() => predict(scanFilesIn(positionals)));

async function predict(files: readonly string[]): Promise<void> {
  const bundle = openBundle(modelFolder(flags.model));
  const applying = fileStandards(flags.standards);
  const model = await loadModel(bundle, { engine });
  const parts = {
    ...{ manifest: bundle.manifest, predict: model.predict },
    ...{ gate: level === null ? makeGate(bundle.gate) : gateAtLevel(bundle.gate, level), applying },
  };
  const rows: (readonly string[])[] = [];
  let prepared = 0;
  for await (const answer of answerFiles(parts, readScanFiles(files, flags))) {
    if (answer.reject === null) prepared += 1;
    if (flags.json) console.log(JSON.stringify(answerJson(answer, placeOf(answer, bundle.map))));
    else rows.push(answerRow(answer, flags.all));
  }
  await model.close();
  for (const line of alignedRows(rows)) console.log(line);
  if (prepared > 0) return;
  console.error(`Expected at least one scan that can be read, got none in ${files.length} files`);
  process.exitCode = 1;
}

function placeOf(answer: FileAnswer, map: SpectrumMap | null): MapPoint | null {
  if (answer.reject !== null || map === null) return null;
  return map.locate(answer.prediction.embedding, answer.prepared.input.element);
}
