// The walls of ARCHITECTURE.md, checked. Data moves sideways through the rooms; imports point only down, to messages.
// test/dependency-rules.test.ts shows for each rule that it can fail.
const rooms = [
  'consumers',
  'bluesky',
  'accumulation',
  'change-points',
  'comparison',
  'schema-registry',
  'formats',
  'spectra',
  'standards',
  'gating',
  'model',
  'producers',
  'exports',
];
const wiring =
  'accumulate|answer-csv|answer-files|bin|bluesky-flow|bluesky-metrics|bundle|chain-knowledge|changes|compare-within-runs|comparison-text|' +
  'compute|export-flow|file-standards|find-model|follow-model|follow-schemas|follow-standards|job|job-flow|job-metrics|keyed-states|make-standard|models-in-use|offline|' +
  'open-chain|open-compute|partition-references|pipeline|place-on-map|plot-sheet|predict-text|processor|projection|raw-scans|' +
  'read-answers|read-references|reprocess|scan-chain|scan-files|shadow-config|' +
  'standard-rows|thread-pool';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'services-import-services-only',
      comment: 'src is what a beamline runs; the workbench, the demo and the benchmarks stand on it',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(workbench|demo|bench|tools|dashboard|clients|python|test)/' },
    },
    {
      name: 'messages-import-nothing',
      comment:
        'messages holds types and constants that travel; whoever imports it must not get a library with it',
      severity: 'error',
      from: { path: '^src/messages/' },
      to: { pathNot: '^src/messages/' },
    },
    {
      name: 'cli-imports-errors-only',
      comment: 'flags and exit codes know no subject',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/', pathNot: '^src/(cli/|errors\\.ts$)' },
    },
    {
      name: 'bin-is-imported-by-nobody',
      comment: 'a file of bin starts a process when it is loaded',
      severity: 'error',
      from: {},
      to: { path: '^src/bin/' },
    },
    {
      name: 'wire-imports-messages-only',
      severity: 'error',
      from: { path: '^src/wire/' },
      to: { path: '^src/', pathNot: '^src/(wire|messages)/' },
    },
    ...rooms.map((room) => ({
      name: `${room}-imports-no-other-room`,
      comment: 'only pipeline.ts and the other wiring files see several rooms',
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: `^src/(${[...rooms.filter((other) => other !== room), wiring].join('|')})` },
    })),
    {
      name: 'registry-knows-bundles-only',
      comment: 'a model is found and fetched without being opened',
      severity: 'error',
      from: { path: '^src/registry/' },
      to: { path: '^src/', pathNot: '^src/(registry/|bundle-json\\.ts$|errors\\.ts$|sha256\\.ts$)' },
    },
    {
      name: 'tensor-library-only-in-model',
      severity: 'error',
      from: { pathNot: '^(src/model/|workbench/|bench/)' },
      to: { path: '(@tensorflow|onnxruntime)' },
    },
    {
      name: 'kafka-client-only-at-the-doors',
      comment: 'kafkajs has had no release since 2023: another client must be able to take its place',
      severity: 'error',
      from: {
        path: '^(src|dashboard|workbench)/',
        pathNot: '^src/(consumers/|producers/|kafka-cluster\\.ts$)',
      },
      to: { path: 'node_modules/kafkajs' },
    },
    {
      name: 'dashboard-reads-redis-only',
      comment:
        'the dashboard shows what was committed: it knows neither how it came about nor who wrote it; what people say ' +
        'goes through said-by-people, files through export-events, maps through map-of-model',
      severity: 'error',
      from: { path: '^dashboard/' },
      to: { path: `^(src/(${rooms.join('|')}|${wiring})|(workbench|demo|bench|tools|clients|python|test)/)` },
    },
    {
      name: 'protocol-is-types-only',
      comment: 'both ends of the socket import it',
      severity: 'error',
      from: { path: '^dashboard/protocol/' },
      to: { pathNot: '^(dashboard/protocol|src/messages)/' },
    },
    {
      name: 'page-knows-the-protocol-only',
      severity: 'error',
      from: { path: '^dashboard/client/src/' },
      to: { path: '^(src|dashboard/server)/', pathNot: '^src/messages/' },
    },
    {
      name: 'workbench-commands-are-imported-by-nobody',
      comment: 'main.ts loads the one that is named; what two commands share stands in a room',
      severity: 'error',
      from: {},
      to: { path: '^workbench/commands/' },
    },
    {
      name: 'report-knows-no-science',
      comment: 'tables, formats, statistics and plots of any figures',
      severity: 'error',
      from: { path: '^workbench/report/' },
      to: { path: '^(src|workbench)/', pathNot: '^workbench/report/' },
    },
    {
      name: 'workbench-needs-no-demo',
      severity: 'error',
      from: { path: '^workbench/' },
      to: { path: '^(demo|bench|dashboard|tools|clients|test)/' },
    },
    {
      name: 'demo-needs-no-workbench',
      comment: 'the image of the replay holds src and demo alone',
      severity: 'error',
      from: { path: '^demo/' },
      to: { path: '^(workbench|bench|dashboard|tools|clients|test)/' },
    },
    {
      name: 'clients-stand-by-themselves',
      comment: 'they are packed and installed where there is nothing else of this repository',
      severity: 'error',
      from: { path: '^clients/' },
      to: { path: '^(src|workbench|demo|bench|dashboard|tools|python|test)/' },
    },
    {
      name: 'python-imports-errors-only',
      comment: 'how a Python with packages is set up, whoever asks for it',
      severity: 'error',
      from: { path: '^python/' },
      to: { path: '^(src|workbench|demo|bench|dashboard|tools|clients|test)/', pathNot: '^src/errors\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
