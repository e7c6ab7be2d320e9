import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { debian6, debian6Date } from './guests/debian6.js';
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
    if (process.env['UPDATE_README'] === '1') writeFileSync('README.md', real);
    else assert.equal(text, real);
  });

  function output(command: string): string {
    const path = `${folder}:${process.env['PATH'] ?? ''}`;
    const env = { PATH: path, HOME: folder, SOURCE_DATE_EPOCH: debian6Date };
    // Findings make it exit with 1, which the pipes in some of the commands hide anyway.
    return execFileSync('sh', ['-c', `${command} || true`], { cwd: folder, env, encoding: 'utf8' });
  }
});
