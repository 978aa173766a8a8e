/** Every command by group, and what it does in a line; each is run by the file of its name in commands/. */
export const COMMANDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  data: {
    'import-omnixas': 'joins our labels with a checkout of OmniXAS into cu-feff9 and tm-feff9',
    'import-xas-data-library': 'copies the measured files of a checkout of the XAS Data Library',
    'make-labels': 'makes our labels from cu-feff9 and tm-feff9: the inverse of import-omnixas',
  },
  training: {
    train: 'trains a model on computed spectra',
    'fine-tune': 'goes on training a model with spectra of your own',
    'build-neighbour-index':
      'gives a model its training spectra, as it represents them, to compare a scan with',
    'train-site-means': 'trains the network beside a model that reads means over the sites of a sample',
    export: 'writes a model as ONNX, for other runtimes',
    bundle: 'verifies the files of a model, or lists them anew with their sha256',
  },
  calibration: {
    calibrate: "makes the gate's table from spectra that the model was not trained on",
    'fit-measured-means': 'energy shifts, and what theory is worth, on measured samples of known mean state',
    'fit-feff10-scale': 'the energy shift from FEFF10 to FEFF9, crystal by crystal',
  },
  evaluation: {
    evaluate: 'scores what the processor says of computed spectra with known labels',
    'evaluate-cross-fit': 'scores the models of a cross-fit on the materials that each has not seen',
    'evaluate-oxygen': 'what networks and trees learn of oxygen, each family by those that saw none of it',
    'evaluate-out-of-distribution': 'what detectors of spectra that are no oxides let pass',
    'field-test': 'what the gate accepts of mixtures, wrong energies and defects, and how often it is right',
    measured: 'every measured scan through preparation, model and gate, beside what textbooks say',
    'survey-files': 'how many files of others, by kind and place, are read',
    map: 'lays the training spectra out on a map, like beside like',
  },
  comparison: {
    'cross-validate': 'trains and scores one architecture in five folds on copper',
    'compare-shipped': 'scores the models of the cross-fit of the shipped model in the same folds',
    'compare-trees': 'trains and scores trees in the same folds',
    'comparison-table': 'all of these side by side, with the intervals of their differences',
    'compare-larch': "E0 and edge step of measured files beside larch's",
    'write-larch-scans': 'writes our own spectra as files that larch is asked about for the tests',
    transfer: 'what a model is worth on another calculation, new absorbers and few labels',
    amorphous: 'what a model of crystals is worth on amorphous oxides, as it is and fine-tuned',
    'transfer-base': 'trains the model that transfer goes on from for new absorbers',
  },
  'data engine': {
    generate: 'computes XANES of crystals with FEFF10, and labels it',
    'publish-sites': 'checks what generate made, and adds it to a data set',
  },
};

export const COMMAND_NAMES: readonly string[] = Object.values(COMMANDS).flatMap((group) =>
  Object.keys(group),
);

/** What `npm run workbench -- --help` prints. */
export function commandList(): string {
  const width = Math.max(...COMMAND_NAMES.map((name) => name.length));
  const groups = Object.entries(COMMANDS).flatMap(([group, commands]) => [
    `${group[0]!.toUpperCase()}${group.slice(1)}`,
    ...Object.entries(commands).map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`),
    '',
  ]);
  return [
    'Makes and judges models.',
    '',
    '  npm run workbench -- COMMAND [options]',
    '',
    ...groups,
    'COMMAND --help tells what one does, with all its options.',
  ].join('\n');
}
