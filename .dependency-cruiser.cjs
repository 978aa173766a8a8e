// The room rules of ARCHITECTURE.md, checked. Data moves sideways through the rooms; imports point only down, to messages.
const rooms = ['consumers', 'spectra', 'gating', 'model', 'producers'];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'messages-import-nothing',
      comment:
        'messages holds types and constants that travel; whoever imports it must not get a library with it',
      severity: 'error',
      from: { path: '^src/messages/' },
      to: { pathNot: '^src/messages/' },
    },
    ...rooms.map((room) => ({
      name: `${room}-imports-no-other-room`,
      comment: 'only pipeline.ts and the other wiring files see several rooms',
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: `^src/(${rooms.filter((r) => r !== room).join('|')}|pipeline|main|view)` },
    })),
    {
      name: 'tensor-library-only-in-model',
      severity: 'error',
      from: { pathNot: '^(src/model/|bench/|scripts/setup)' },
      to: { path: '(@tensorflow|onnxruntime)' },
    },
    {
      name: 'kafka-client-only-at-the-doors',
      comment: 'kafkajs has had no release since 2023: another client must be able to take its place',
      severity: 'error',
      from: { path: '^(src|dashboard)/', pathNot: '^src/(consumers|producers)/' },
      to: { path: 'node_modules/kafkajs' },
    },
    {
      name: 'dashboard-reads-redis-only',
      severity: 'error',
      from: { path: '^dashboard/' },
      to: { path: '^src/(consumers|spectra|gating|model|pipeline|main)' },
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
