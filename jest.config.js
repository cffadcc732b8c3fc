/** Specs run against the sources; `test/packages.spec.ts` runs against what is shipped. */
export default {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  // What hangs is told of all the same; what runs beside another spec may take its time.
  testTimeout: 20_000,
  // Modules of a spec that has run are never let go: a process that has run them all would be under pressure itself.
  workerIdleMemoryLimit: '1GB',
  // On a busy machine a process of that size takes a while to end; one that doesn't end at all is still told of.
  workerGracefulExitTimeout: 10_000,
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts', '**/*.spec.tsx'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2022',
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
    '^.+\\.tsx$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
          target: 'es2022',
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '\\.css$': '<rootDir>/apps/notifications/web/spec-support/no-style.js',
    '^@nestcast/sse/health$': '<rootDir>/libs/sse/src/health/index.ts',
    '^@nestcast/notifications$': '<rootDir>/apps/notifications/src/create-app.ts',
    '^@nestcast/client/(eventsource|react|vue)$': '<rootDir>/libs/client/src/$1/index.ts',
    '^@nestcast/(hub|sse|redis|client|testing|test-servers)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
};
