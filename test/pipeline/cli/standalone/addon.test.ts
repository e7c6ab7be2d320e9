import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as xattr from '@napi-rs/xattr';
import { ImageError } from '../../../../images/base/errors.js';
import { loadAddon } from '../../../../pipeline/cli/standalone/addon.js';
import { scratch } from '../../../support/scratch.js';

describe('an addon of which there are only the bytes', () => {
  let bytes: Buffer;
  before(function () {
    if (process.platform !== 'linux' || process.arch !== 'x64') this.skip(); // nor is there an executable to carry it
    const { resolve } = createRequire(import.meta.url);
    bytes = readFileSync(resolve('@napi-rs/xattr-linux-x64-gnu/xattr.linux-x64-gnu.node'));
  });

  it('is loaded from the first folder that allows it, and leaves nothing there', () => {
    using here = scratch();
    const [missing, file, folder] = ['missing', 'file', 'folder'].map((name) => path.join(here.path, name));
    assert(missing && file && folder);
    writeFileSync(file, '');
    mkdirSync(folder);
    const open = readdirSync('/proc/self/fd').length;
    const addon = loadAddon(bytes, 'attributes', [missing, file, folder]) as typeof xattr;
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(readdirSync('/proc/self/fd').length, open);
    assert.deepEqual(Object.keys(addon).sort(), Object.keys(xattr.default).sort());
    assert.deepEqual(addon.listAttributesSync(file), xattr.listAttributesSync(file));
    assert.throws(() => addon.listAttributesSync(missing), /os error 2/);
  });

  it('is an error that says of each folder why, when none allows it', () => {
    using here = scratch();
    // The loader takes a path that it knows for the library that it has: one that was not used yet.
    const taken = Array.from({ length: 8 }, () => openSync('/dev/null', 'r'));
    try {
      assert.throws(
        () => loadAddon(Buffer.from('no ELF'), 'attributes', [path.join(here.path, 'missing'), here.path]),
        (error: unknown) => {
          assert(error instanceof ImageError);
          assert.equal(error.exitCode, 3);
          assert.equal(error.code, 'no-native-code');
          assert.equal(
            error.message,
            `cannot load the code for attributes (${here.path}/missing: ENOENT; ${here.path}: file too short)`,
          );
          assert.match(error.hint ?? '', /TMPDIR/);
          return true;
        },
      );
      assert.deepEqual(readdirSync(here.path), []);
    } finally {
      taken.forEach(closeSync);
    }
  });
});
