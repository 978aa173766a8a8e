// The walls of ARCHITECTURE.md, checked. Data moves sideways through the rooms; imports point only down.
// test/dependency-rules.test.ts shows for each rule that it can fail.

/** Rooms that know one subject each, and no other of them. */
const rooms = [
  'consumers',
  'bluesky',
  'accumulation',
  'change-points',
  'comparison',
  'registry',
  'schema-registry',
  'formats',
  'spectra',
  'standards',
  'gating',
  'model',
  'producers',
  'exports',
];

/** What a room may import of src beside itself, where that is not common, messages and wire. */
const mayImport = {
  wire: ['messages'],
  common: ['messages'],
  cli: ['common'],
  kafka: [],
  consumers: ['common', 'messages', 'wire', 'kafka'],
  producers: ['common', 'messages', 'wire', 'kafka'],
};

/** Rooms that see several of those, from the lowest on: each may import what stands before it, too. */
const wiring = ['runtime', 'bundle', 'knowledge', 'scan-chain', 'threads', 'flows', 'pipeline', 'services'];

/** These stand beside the flows: neither is imported by what a processor is made of. */
const beside = ['files', 'doors'];

/** Files of these rooms. */
const isIn = (names) => `^src/(${names.map((name) => `${name}(/|\\.ts$)`).join('|')})`;

/** Flags are the commands': the others are given values, but for `bundle`, which reads what --model means. */
const below = ['messages', ...Object.keys(mayImport).filter((room) => room !== 'cli'), ...rooms];
const flagsOf = (room) => (room === 'bundle' ? ['cli'] : []);

/** Each room of src and what it may import. */
const walls = [
  ...[...new Set([...Object.keys(mayImport), ...rooms])].map((room) => [
    room,
    mayImport[room] ?? ['common', 'messages', 'wire'],
  ]),
  ...wiring.map((room, at) => [room, [...below, ...flagsOf(room), ...wiring.slice(0, at)]]),
  ...beside.map((room, at) => [room, [...below, ...wiring.slice(0, -1), ...beside.slice(0, at)]]),
];

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
      name: 'bin-is-imported-by-nobody',
      comment: 'a file of bin starts a process when it is loaded',
      severity: 'error',
      from: {},
      to: { path: '^src/bin/' },
    },
    ...walls.map(([room, allowed]) => ({
      name: `${room}-imports-what-is-below`,
      comment: 'the lists above',
      severity: 'error',
      from: { path: isIn([room]) },
      to: { path: '^src/(?!bin/)', pathNot: isIn([room, ...allowed]) },
    })),
    {
      name: 'a-file-of-src-has-a-room',
      comment: 'pipeline.ts and scan-chain.ts tell the whole and lie by themselves',
      severity: 'error',
      from: {},
      to: { path: '^src/[^/]+$', pathNot: '^src/(pipeline|scan-chain)\\.ts$' },
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
        pathNot: '^src/(consumers|producers|kafka)/',
      },
      to: { path: 'node_modules/kafkajs' },
    },
    {
      name: 'dashboard-reads-redis-only',
      comment:
        'the dashboard shows what was committed: it knows neither how it came about nor who wrote it; what people say, ' +
        'files and maps go through doors',
      severity: 'error',
      from: { path: '^dashboard/' },
      to: {
        path: '^(src/(?!bin/)|(workbench|demo|bench|tools|clients|python|test)/)',
        pathNot: isIn(['messages', 'wire', 'common', 'cli', 'runtime', 'doors']),
      },
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
      to: { path: '^(workbench|bench|dashboard|tools|test)/' },
    },
    {
      name: 'replay-needs-no-clients',
      comment: "the demo's beamline alone, which is in no image, answers by the client package",
      severity: 'error',
      from: { path: '^demo/', pathNot: '^demo/beamline\\.ts$' },
      to: { path: '^clients/' },
    },
    {
      name: 'the-beamline-is-the-demos',
      comment: 'what imports it needs the client package, built',
      severity: 'error',
      from: { path: '^demo/', pathNot: '^demo/demo\\.ts$' },
      to: { path: '^demo/beamline\\.ts$' },
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
      to: {
        path: '^(src|workbench|demo|bench|dashboard|tools|clients|test)/',
        pathNot: '^src/common/errors\\.ts$',
      },
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
