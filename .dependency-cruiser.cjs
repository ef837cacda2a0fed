/** Who may import whom. The folders are the walls of the house; see docs/architecture.md. */
const wall = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: to },
});
const ours = (...allowed) => `^(?!${allowed.join('|')})(infra|functions|sandbox|cli|bench|test|scripts)/`;

module.exports = {
  forbidden: [
    wall(
      'functions-stand-alone',
      '^functions/',
      ours('functions/lib/'),
      'A Lambda imports functions/lib and nothing else of ours.',
    ),
    wall(
      'infra-stands-alone',
      '^infra/',
      ours('infra/', 'functions/lib/schemas/'),
      'infra takes names and API schemas from the functions, nothing that runs.',
    ),
    wall('sandbox-knows-aws-only', '^sandbox/', ours('sandbox/'), 'The embedded AWS knows AWS, never Fleetwright.'),
    wall('cli-speaks-aws', '^cli/', ours('cli/'), 'The CLI works against AWS and the sandbox alike.'),
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
