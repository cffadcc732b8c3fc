/** Who may import whom. ARCHITECTURE.md says why; this file makes it fail. */
const specs = '\\.spec\\.tsx?$|/spec-support/';
const room = (name, mayImport, except) => ({
  name: `${name}-imports`,
  comment: `libs/${name} may import ${mayImport.length ? mayImport.join(', ') : 'no other room'}`,
  severity: 'error',
  from: { path: `^libs/${name}/`, ...(except && { pathNot: except }) },
  to: {
    path: '^(libs|apps|bench|demo|test)/',
    pathNot: [`^libs/${name}/`, ...mayImport.map((other) => `^libs/${other}/`)],
  },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'rooms-by-package-name',
      comment: 'A room is entered through its package name, never by a relative path into its sources.',
      severity: 'error',
      from: { path: '^(libs/[^/]+|apps/[^/]+|bench|demo|test)/' },
      to: { path: '^libs/[^/]+/src/', pathNot: '^$1/' },
    },
    {
      name: 'no-own-barrel',
      comment: 'Inside a room import the file, not the barrel: barrels make cycles.',
      severity: 'error',
      from: { path: '^(libs/[^/]+)/src/', pathNot: '/index\\.ts$' },
      to: { path: '^$1/src/index\\.ts$' },
    },
    {
      name: 'hub-without-framework',
      severity: 'error',
      from: { path: '^libs/(hub|redis|client|testing|test-servers)/' },
      to: { path: '(^|/)@nestjs/' },
    },
    room('hub', []),
    room('sse', ['hub']),
    room('redis', ['hub'], specs),
    room('client', [], specs),
    room('testing', ['hub']),
    room('test-servers', []),
    {
      name: 'redis-specs-import',
      comment: 'Specs of the Redis broker start a server, and run the contract.',
      severity: 'error',
      from: { path: `^libs/redis/.*(${specs})` },
      to: { path: '^(libs|apps|bench|demo|test)/', pathNot: '^libs/(redis|hub|testing|test-servers)/' },
    },
    {
      name: 'client-for-browsers',
      comment:
        'The client runs in browsers: nothing of Node.js, and React and Vue each behind their own entry.',
      severity: 'error',
      from: { path: '^libs/client/src/', pathNot: specs },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pages-know-contracts-only',
      comment: 'Pages run in browsers: of the server they import types, and those from its contracts.',
      severity: 'error',
      from: { path: '^apps/notifications/web/', pathNot: specs },
      to: { path: '^apps/notifications/(src|dist)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pages-for-browsers',
      severity: 'error',
      from: { path: '^apps/notifications/web/', pathNot: specs },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'server-without-pages',
      severity: 'error',
      from: { path: '^apps/notifications/src/' },
      to: { path: '^apps/notifications/web/|(^|/)node_modules/(react|react-dom|react-router|lucide-react)/' },
    },
    {
      name: 'client-without-framework',
      severity: 'error',
      from: { path: '^libs/client/src/', pathNot: `${specs}|^libs/client/src/(react|vue)/` },
      to: { path: '(^|/)node_modules/(react|vue)/' },
    },
    {
      name: 'ioredis-behind-its-port',
      severity: 'error',
      from: { path: '^libs/redis/src/', pathNot: '^libs/redis/src/(connection/|redis-options|index)' },
      to: { path: '(^|/)node_modules/ioredis/' },
    },
    {
      name: 'no-test-servers-in-what-is-shipped',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: `${specs}|^libs/test-servers/` },
      to: { path: '^libs/test-servers/' },
    },
  ],
  options: {
    doNotFollow: { path: '(^|/)(node_modules|dist)/' },
    exclude: { path: '(^|/)public/|^test/packages/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
