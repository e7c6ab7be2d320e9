import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { shellOf } from '../../../images/formats/shell-line.js';
import { scratch } from '../../support/scratch.js';

const table: readonly (readonly [line: string, shell: string | undefined])[] = [
  ['#!/bin/sh', 'sh'],
  ['#! /bin/sh -e', 'sh'],
  ['#!\t/bin/bash', 'bash'],
  ['#!/usr/bin/env bash', 'bash'],
  ['#!/usr/bin/env -S bash -e', 'bash'],
  ['#!/usr/bin/env -Sbash -e', 'bash'],
  ['#!/bin/dash', 'dash'],
  ['#!/usr/bin/python3', undefined],
  ['#!/usr/bin/env python3', undefined],
  ['#!/bin/shellish', undefined],
  ['#!/usr/bin/perl -x /bin/sh', undefined],
  ['#!', undefined],
  ['#!\n/bin/sh', undefined],
  [' #!/bin/sh', undefined],
  ['', undefined],
];

describe('the shell of a script', () => {
  for (const [line, shell] of table)
    it(`is ${shell ?? 'none'} for ${JSON.stringify(line)}`, () => {
      assert.equal(shellOf(`${line}\necho x\n`), shell);
    });

  it('is what the kernel starts', () => {
    using folder = scratch();
    const path = `${folder.path}/script`;
    for (const [line, shell] of table.filter(([, named]) => named !== undefined)) {
      writeFileSync(path, `${line}\nreadlink /proc/$$/exe; tr '\\0' ' ' < /proc/$$/cmdline\n`);
      chmodSync(path, 0o755);
      const { stdout } = spawnSync(path, { encoding: 'utf8' });
      assert.match(stdout, new RegExp(`\\b${shell ?? ''}\\b`), line);
    }
  });
});
