/** Tests run on the TypeScript sources as ES modules; see CONTRIBUTING.md for what stands where. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  globalSetup: '<rootDir>/test/support/synthesize.js',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, diagnostics: false }] },
  // Two processes, because the machines this runs on have two cores and the simulations are bound by them.
  maxWorkers: 2,
  testSequencer: '<rootDir>/test/support/slowest-first.js',
  testTimeout: 60_000,
};
