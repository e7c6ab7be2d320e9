import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { memoryImage } from '../../../images/image/memory.js';
import { assertRunnable, isEmulated, machineOf } from '../../../images/sandbox/architecture.js';
import { failure } from '../../support/transaction.js';
import { scratch } from '../../support/scratch.js';

function elf(machine: number, { big = false } = {}): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 'latin1');
  header[4] = 2;
  header[5] = big ? 2 : 1;
  if (big) header.writeUInt16BE(machine, 18);
  else header.writeUInt16LE(machine, 18);
  return header;
}

describe('the architecture of a guest', () => {
  it('is told by an ELF header, in either byte order', () => {
    assert.equal(machineOf(elf(62)), 'x86_64');
    assert.equal(machineOf(elf(22, { big: true })), 's390x');
    assert.equal(machineOf(elf(9999)), 'machine 9999');
    assert.equal(machineOf(Buffer.from('#!/bin/sh\necho no program of a machine\n')), undefined);
    assert.equal(machineOf(elf(62).subarray(0, 10)), undefined);
  });

  it("is this host's when its shell is, and foreign otherwise", async () => {
    const own = readFileSync(process.execPath).subarray(0, 64);
    await assertRunnable(memoryImage({ '/bin/sh': { link: 'dash' }, '/bin/dash': own }));
    const foreign = memoryImage({ '/bin/sh': elf(9999) });
    await assert.rejects(assertRunnable(foreign), failure('foreign-architecture', /for machine 9999/));
    await assert.rejects(assertRunnable(memoryImage({ '/etc/x': '' })), failure('no-shell'));
  });

  it('can be emulated where binfmt_misc has an interpreter open', () => {
    using here = scratch();
    mkdirSync(here.root);
    assert.equal(isEmulated('s390x', here.root), false);
    writeFileSync(join(here.root, 'status'), 'enabled\n');
    const interpreter = (first: string, flags: string): string =>
      `${first}\ninterpreter /usr/libexec/qemu-binfmt/s390x-binfmt-P\nflags: ${flags}\noffset 0\n`;
    for (const [text, expected] of [
      [interpreter('enabled', 'POCF'), true],
      [interpreter('enabled', 'POC'), false],
      [interpreter('disabled', 'POCF'), false],
    ] as const) {
      writeFileSync(join(here.root, 'qemu-s390x'), text);
      assert.equal(isEmulated('s390x', here.root), expected, text);
    }
    assert.equal(isEmulated('arm', here.root), false);
  });
});
