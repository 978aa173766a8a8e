import { writeFileSync } from 'node:fs';
import { openFlagged } from '../bundle/find-model.ts';
import { parseFlags, readFlags } from '../cli/parse-flags.ts';
import { runCommand } from '../cli/run-command.ts';
import { SCAN_FILE_FLAGS, scanFileOptions } from '../cli/scan-file-flags.ts';
import { FatalError } from '../common/errors.ts';
import { answerCsv, CSV_HEAD } from '../files/answer-csv.ts';
import { answerFiles } from '../files/answer-files.ts';
import { fileStandards } from '../files/file-standards.ts';
import { MOST_PANELS, type Panel, panelOf, plotSheet } from '../files/plot-sheet.ts';
import { alignedRows, answerJson, answerRow, type FileAnswer } from '../files/predict-text.ts';
import { readScanFiles, scanFilesIn } from '../files/scan-files.ts';
import { makeGate } from '../gating/gate.ts';
import { gateAtLevel } from '../gating/gate-at-level.ts';
import { withLeastTrust } from '../gating/least-trust.ts';
import { placeOnMap } from '../knowledge/place-on-map.ts';
import type { MapPoint } from '../messages/map-point.ts';
import { ENGINE_CHOICES } from '../model/engine.ts';
import { loadModel } from '../model/load-model.ts';
import type { SpectrumMap } from '../model/map.ts';
import { readConfig } from '../runtime/config.ts';

/** So many files take so long that one wants to know how far it is. */
const PROGRESS_FROM_FILES = 50;

const HELP = `Reads scans from files and says what they tell of their absorber, and how far to trust it: the
preparation, model and gate of the stream. Files are XDI, plain columns, SPEC, Athena projects, HDF5 and NeXus, or JSON
lines (docs/files.md).

  npm run -s predict -- FILE_OR_FOLDER... [options]

Folders are searched for .xdi, .xd, .dat, .csv, .xmu, .mu, .nor, .fio, .spec, .prj, .h5, .hdf5, .hdf, .nxs, .nx and
.jsonl files, numbered ones (.001), and all but HDF5 with .gz behind it. A measured scan is taken as such; a file may
name another energy scale in a header line, "# Energy.scale: feff9".

  --json            one JSON object a line instead of a table:
                    {file, element, edge, advice, adviceReason,
                    descriptors: {OS: {value, confidence or low, high and level, verdict, reason, trust,
                    trustThreshold}},
                    mean: {OS: {value, low, high, level, verdict, reason, method}}, change, mixedSites,
                    energyShift: {ev, sigmaEv, source}, novelty, noveltyLimit,
                    preparation: {e0Ev, edgeStep, energyShiftEv, energyShiftSource, noise},
                    standards: ids of those that it was read with,
                    notes: what was mended or left out,
                    map: {x, y}, unless it is unlike all that the model knows}
                    or {file, error, reason}; of a file of several scans with the id of each
  --csv             the same as a table for spreadsheets (RFC 4180)
  --plot FILE.html  writes a sheet with a plot of every spectrum, too
  --element, --edge what is measured, where a file of columns does not say (edge: K)
  --energy, --i0, --it, --if, --mu, --reference
                    which column is which, by name or by number from 1, where its name does not tell
  --standards FILE  scans of a foil or of known samples that these are read with, JSON lines with
                    "known": {"foil": true} or {"meanOxidationState": x, "uncertainty": u}; may be repeated
  --level L         coverage of the intervals, 0.5 to 0.98 (default: 0.9)
  --least-trust P   no class or real is accepted of less trust (docs/tables/field-test.md says what is right then;
                    default: LEAST_TRUST, as a processor)
  --path            group of an HDF5 file whose datasets are the columns, where it is no NXxas
  --offset          eV to add to all energies
  --read-seconds S  an HDF5 file from which no scan comes for so long is given up, and the next is read (default: 60;
                    as much again for each 16 MB of a file, 60 times at the most)
  --all             all descriptors in the table, not only OS, CN and OCN
  --model MODEL     name@hash of MODEL_REGISTRY, a folder under models/, or any other (default: as the
                    processor takes it, by MODEL_FILE, MODEL or MODEL_DIR)
  --engine NAME     ${ENGINE_CHOICES.join(', ')}
                    (default: auto)
  --help

The exit code is 1 if no file could be read.`;

const { values: flags, positionals } = parseFlags({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    csv: { type: 'boolean', default: false },
    plot: { type: 'string' },
    all: { type: 'boolean', default: false },
    ...SCAN_FILE_FLAGS,
    model: { type: 'string' },
    engine: { type: 'string', default: 'auto' },
    standards: { type: 'string', multiple: true, default: [] },
    level: { type: 'string' },
    'least-trust': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const engine = readFlags(() => {
  const known = ENGINE_CHOICES.find((name) => name === flags.engine);
  if (known === undefined)
    throw new Error(`Expected --engine to be ${ENGINE_CHOICES.join(', ')}, got ${flags.engine}`);
  return known;
});

const fileOptions = readFlags(() => scanFileOptions(flags));

const level = readFlags(() => {
  if (flags.level === undefined) return null;
  const value = Number(flags.level);
  if (!(value >= 0.5 && value <= 0.98))
    throw new Error(`Expected --level to be from 0.5 to 0.98, got ${flags.level}`);
  return value;
});

const leastTrust = readFlags(() => {
  const text = flags['least-trust'];
  if (text === undefined) return null;
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new Error(`Expected --least-trust to be a probability, 0 to 1, got ${text}`);
  return value;
});

readFlags(() => {
  if (flags.json && flags.csv) throw new Error('Expected --json or --csv, got both');
});

if (flags.help) console.log(HELP);
else if (positionals.length === 0) {
  console.error('Expected files or folders; --help lists the options');
  process.exitCode = 2;
} else await runCommand(() => predict(scanFilesIn(positionals)));

async function predict(files: readonly string[]): Promise<void> {
  const config = readConfig(process.env);
  const bundle = await openFlagged(flags.model, config);
  const standards = fileStandards(flags.standards);
  const model = await loadModel(bundle, { engine });
  const gate = withLeastTrust(bundle.gate, leastTrust ?? config.LEAST_TRUST);
  const parts = {
    ...{ manifest: bundle.manifest, predict: model.predict },
    ...{ gate: level === null ? makeGate(gate) : gateAtLevel(gate, level), standards },
  };
  const rows: (readonly string[])[] = [];
  const panels: Panel[] = [];
  const progress = showProgress(files);
  let prepared = 0;
  if (flags.csv) console.log(CSV_HEAD);
  for await (const answer of answerFiles(parts, readScanFiles(files, fileOptions))) {
    progress.at(answer.file);
    if (answer.reject === null) prepared += 1;
    if (flags.json) console.log(JSON.stringify(answerJson(answer, placeOf(answer, bundle.map))));
    else if (flags.csv) console.log(answerCsv(answer));
    else rows.push(answerRow(answer, flags.all));
    if (flags.plot !== undefined && panels.length < MOST_PANELS)
      panels.push(panelOf(answer, answerRow(answer, false).slice(1).join(' · ')));
  }
  progress.end();
  if (flags.plot !== undefined) writePlots(flags.plot, panels);
  await model.close();
  for (const line of alignedRows(rows)) console.log(line);
  if (prepared > 0) return;
  console.error(`Expected at least one scan that can be read, got none in ${files.length} files`);
  process.exitCode = 1;
}

function placeOf(answer: FileAnswer, map: SpectrumMap | null): MapPoint | null {
  if (answer.reject !== null) return null;
  const { prediction, prepared, judgement } = answer;
  return placeOnMap(map, prediction.embedding, prepared.input.element, judgement);
}

function writePlots(file: string, panels: readonly Panel[]): void {
  try {
    writeFileSync(file, plotSheet(panels, `${panels.length} scans`));
  } catch (error) {
    throw new FatalError(`Expected --plot to name a file that can be written: ${(error as Error).message}`);
  }
}

/** On standard error: a line that changes on a terminal, else one a tenth of the files. */
function showProgress(files: readonly string[]): { at(file: string): void; end(): void } {
  const order = new Map(files.map((file, i) => [file, i]));
  const isShown = files.length >= PROGRESS_FROM_FILES;
  const { isTTY } = process.stderr;
  const step = isTTY ? 1 : Math.ceil(files.length / 10);
  let next = 0;
  return {
    at(file) {
      const done = order.get(file) ?? 0;
      if (!isShown || done < next) return;
      next = done + step;
      process.stderr.write(`${isTTY ? '\r' : ''}${done + 1} of ${files.length} files${isTTY ? '' : '\n'}`);
    },
    end: () => void (isShown && isTTY && process.stderr.write('\n')),
  };
}
