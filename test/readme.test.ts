import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { debian6 } from './guests/debian6.js';
import { isOn } from './support/switches.js';
import { packTarball } from './support/tarballs.js';

/** A block of the README that shows a command and what it prints. */
const shown = /```console\n\$ (.+)\n([^]*?)```\n/g;

describe('README', () => {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'hallmark-readme-'));
    await packTarball(debian6, path.join(folder, 'debian6-broken.tar.gz'), { gzip: true });
    const program = path.resolve('dist/bin/main.js');
    writeFileSync(path.join(folder, 'hallmark'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    chmodSync(path.join(folder, 'hallmark'), 0o755);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  // UPDATE_README=1 writes what the commands really print.
  it('shows what the commands print', () => {
    const text = readFileSync('README.md', 'utf8');
    assert.ok([...text.matchAll(shown)].length >= 4);
    const real = text.replace(
      shown,
      (_, command: string) => `\`\`\`console\n$ ${command}\n${output(command)}\`\`\`\n`,
    );
    if (isOn('UPDATE_README')) writeFileSync('README.md', real);
    else
      assert.equal(
        text,
        real,
        'the commands print something else: run "UPDATE_README=1 npm run t -- test/readme.test.ts" and read the diff',
      );
  });

  function output(command: string): string {
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder };
    // Findings make it exit with 1, which the pipes in some of the commands hide anyway.
    return execFileSync('sh', ['-c', `${command} || true`], { cwd: folder, env, encoding: 'utf8' });
  }
});
