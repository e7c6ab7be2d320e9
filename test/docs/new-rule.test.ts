import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newRule } from '../../docs/new-rule.js';

describe('npm run new', () => {
  const home = process.cwd();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hallmark-new-'));
    for (const each of ['checks', 'fixers', 'test/checks', 'test/fixers'])
      mkdirSync(join(folder, each), { recursive: true });
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  it('makes a check and its test, and then its fixer and its test', () => {
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    newRule(['check', 'ssh-enabled'], say);
    newRule(['fixer', 'ssh-enabled'], say);
    assert.deepEqual(
      said.filter((line) => line.startsWith('wrote')),
      [
        'wrote checks/ssh-enabled.ts',
        'wrote test/checks/ssh-enabled.test.ts',
        'wrote fixers/ssh-enabled.ts',
        'wrote test/fixers/ssh-enabled.test.ts',
      ],
    );
    assert.match(readFileSync('checks/ssh-enabled.ts', 'utf8'), /export const sshEnabled = defineCheck\(/);
  });

  it('overwrites nothing, refuses what is not an id, and a fixer without its check', () => {
    const say = (): void => undefined;
    writeFileSync('test/checks/ssh-enabled.test.ts', 'mine\n');
    assert.throws(() => {
      newRule(['check', 'ssh-enabled'], say);
    }, /test\/checks\/ssh-enabled\.test\.ts exists already/);
    assert.equal(readFileSync('test/checks/ssh-enabled.test.ts', 'utf8'), 'mine\n');
    for (const words of [
      [],
      ['check'],
      ['check', 'Ssh'],
      ['check', '../x-y'],
      ['rule', 'a-b'],
      ['check', 'a-b', 'c'],
    ])
      assert.throws(() => {
        newRule(words, say);
      }, /usage: npm run new/);
    assert.throws(() => {
      newRule(['fixer', 'ssh-disabled'], say);
    }, /there is no checks\/ssh-disabled\.ts/);
  });
});
