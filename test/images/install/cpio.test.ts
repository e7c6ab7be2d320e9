import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ImageError } from '../../../images/base/errors.js';
import { parseCpio } from '../../../images/install/cpio.js';
import { scratch } from '../../support/scratch.js';

/** An entry of a hand-made archive. */
function entry(name: string, data: Buffer, { inode = 1, links = 1 } = {}): Buffer {
  const fields = [inode, 0o100644, 0, 0, links, 0, data.length, 0, 0, 0, 0, name.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  const fill = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  return Buffer.concat([fill(Buffer.from(header)), fill(data)]);
}
const trailer = entry('TRAILER!!!', Buffer.alloc(0));

describe('a cpio archive', () => {
  it('has contents by absolute path, hard links too', () => {
    const bytes = Buffer.concat([
      entry('./usr/bin/a', Buffer.from('one')),
      entry('./usr/bin/b', Buffer.alloc(0), { inode: 7, links: 2 }),
      entry('/usr/bin/c', Buffer.from('both'), { inode: 7, links: 2 }),
      trailer,
    ]);
    assert.deepEqual(
      [...parseCpio(bytes, 'x')].map(([path, data]) => [path, data.toString()]),
      [
        ['/usr/bin/a', 'one'],
        ['/usr/bin/b', 'both'],
        ['/usr/bin/c', 'both'],
      ],
    );
  });

  it('that is cut short or scrambled is refused, never misread without end', () => {
    const whole = Buffer.concat([entry('./a', Buffer.from('one')), trailer]);
    for (let length = 0; length < whole.length - 4; length++)
      assert.throws(() => parseCpio(whole.subarray(0, length), 'x'), ImageError, String(length));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.throws(() => parseCpio(Buffer.concat([whole.subarray(0, 6), bytes]), 'x'), ImageError);
      }),
    );
  });

  it('is what cpio(1) makes', function () {
    try {
      execFileSync('cpio', ['--version'], { stdio: 'ignore' });
    } catch {
      this.skip(); // cpio is not installed here: the end-to-end tests read what rpm made
    }
    using here = scratch();
    mkdirSync(join(here.root, 'd'), { recursive: true });
    writeFileSync(join(here.root, 'd/file'), 'x'.repeat(1001));
    linkSync(join(here.root, 'd/file'), join(here.root, 'd/twin'));
    symlinkSync('file', join(here.root, 'd/link'));
    const bytes = execFileSync('sh', ['-c', 'find . | cpio --quiet -o -H newc'], { cwd: here.root });
    const contents = parseCpio(bytes, 'x');
    assert.equal(contents.get('/d/file')?.length, 1001);
    assert.equal(contents.get('/d/twin')?.length, 1001);
    assert.equal(contents.get('/d/link')?.toString(), 'file');
  });
});
