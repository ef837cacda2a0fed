import tseslint from 'typescript-eslint';

/** Type-aware rules for our own sources; import rules between the folders are in .dependency-cruiser.cjs. */
export default tseslint.config(
  { ignores: ['node_modules', 'cdk.out', 'dist', 'coverage', '.cache', '.venv', '**/*.js', '**/*.cjs', '**/*.mjs'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/require-await': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Name what you export; jest and eslint configs are the only default exports.',
        },
        {
          selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier",
          message: "Use import * as z from 'zod': the named import drags every locale into the bundle.",
        },
      ],
    },
  },
  {
    files: ['functions/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'setTimeout', message: 'No Lambda waits; a Wait state does.' }],
      'no-restricted-properties': [
        'error',
        {
          object: 'Date',
          property: 'now',
          message: 'The time comes in from the ASL context object, so that a retry does the same again.',
        },
        {
          object: 'Math',
          property: 'random',
          message: 'Ids come in from the ASL context object, so that a retry does the same again.',
        },
        {
          object: 'crypto',
          property: 'randomUUID',
          message: 'Ids come in from the ASL context object, so that a retry does the same again.',
        },
      ],
    },
  },
);
