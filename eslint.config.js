import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** What only images/ may do: touch the host's files and programs. */
const hostModules = ['node:fs', 'node:fs/promises', 'node:child_process', 'execa', 'zx'];

/** The layers of the house: a folder may import only from the folders below it. */
const layer = (folder, forbiddenFolders, forbiddenModules = []) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: forbiddenModules.map((name) => ({ name, message: `${folder}/ must not use ${name}` })),
        patterns: forbiddenFolders.map((other) => ({
          group: [`**/${other}/**`],
          message: `${folder}/ must not import from ${other}/`,
        })),
      },
    ],
  },
});

export default tseslint.config(
  { ignores: ['dist/**', 'coverage/**', 'hallmark-demo/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // `using _lock = …` is there for its end.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreUsingDeclarations: true }],
      'no-control-regex': 'off',
    },
  },
  layer('images', ['checks', 'fixers', 'pipeline', 'test'], ['zx', 'node:child_process', 'execa']),
  { files: ['images/exec.ts'], rules: { 'no-restricted-imports': 'off' } },
  layer('checks', ['fixers', 'pipeline', 'test'], hostModules),
  layer('fixers', ['pipeline', 'test'], hostModules),
  layer('pipeline', ['test'], ['node:child_process', 'execa', 'zx']),
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
