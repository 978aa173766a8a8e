export default {
  testEnvironment: '<rootDir>/test/environment.cjs',
  globalSetup: '<rootDir>/test/global-setup.mjs',
  globalTeardown: '<rootDir>/test/global-teardown.mjs',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/.cache', '<rootDir>/.tensorflow', '<rootDir>/dist'],
  // Ends what would wait for ever; no measure of speed.
  testTimeout: 600_000,
  // One process a run, of which `npm test` has two (tools/run-tests.mjs): tests share one broker and two cores, and
  // what a test leaves open keeps the run from ending, where it is named. A worker that hangs would be killed by jest
  // without a word about why.
  maxWorkers: 1,
  // Tests that say `test.concurrent`: they wait for processes of their own, of which two cores start two at a time.
  maxConcurrency: 2,
};
