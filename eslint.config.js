import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** What only images/ may do: touch the host's files and programs. */
const hostModules = ['node:fs', 'node:fs/promises', 'node:child_process', 'execa', 'zx'];

/** Modules that a folder goes without. Which folder may import from which is in rooms.config.js. */
const without = (folder, modules) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      { paths: modules.map((name) => ({ name, message: `${folder}/ must not use ${name}` })) },
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
  without('images', ['zx', 'node:child_process', 'execa']),
  { files: ['images/base/exec.ts'], rules: { 'no-restricted-imports': 'off' } },
  without('checks', hostModules),
  without('fixers', hostModules),
  without('pipeline', ['node:child_process', 'execa', 'zx']),
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
