import assert from 'node:assert/strict';
import { ImageError } from '../../../../images/base/errors.js';
import { setRootPassword } from '../../../../images/guest/password/root-password.js';
import { memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import type { Files } from '../../../guests/parts.js';

async function after(
  files: Files,
): Promise<{ passwd: string | undefined; shadow: string | undefined; mode?: number }> {
  const image = memoryImage(files);
  const changed = await overlay(image, await setRootPassword(image, '$6$new', '2026-03-04'));
  const entry = await changed.stat('/etc/shadow');
  return {
    passwd: await changed.readText('/etc/passwd'),
    shadow: await changed.readText('/etc/shadow'),
    ...(entry ? { mode: entry.mode } : {}),
  };
}

const passwd = 'root:x:0:0:root:/root:/bin/bash\n';

describe('the password of root', () => {
  it('is in shadow, with the day of the change', async () => {
    const { shadow, passwd: same } = await after({
      '/etc/passwd': passwd,
      '/etc/shadow': 'root:!:1:0:99999:7:::\n',
    });
    assert.equal(shadow, 'root:$6$new:20516:0:99999:7:::\n');
    assert.equal(same, passwd);
  });

  it('is in passwd of a guest without shadow', async () => {
    const { shadow, passwd: changed } = await after({ '/etc/passwd': 'root:$1$old:0:0::/root:/bin/sh\n' });
    assert.equal(shadow, undefined);
    assert.equal(changed, 'root:$6$new:0:0::/root:/bin/sh\n');
  });

  it('does not stay in passwd when there is a shadow: it would win', async () => {
    const { shadow, passwd: changed } = await after({
      '/etc/passwd': 'root::0:0::/root:/bin/sh\n',
      '/etc/shadow': 'bin:*:1::::::\n',
    });
    assert.equal(changed, 'root:x:0:0::/root:/bin/sh\n');
    assert.equal(shadow, 'bin:*:1::::::\nroot:$6$new:20516:0:99999:7:::\n');
  });

  it('makes a shadow that only root can read', async () => {
    const { shadow, mode } = await after({ '/etc/passwd': passwd });
    assert.equal(shadow, 'root:$6$new:20516:0:99999:7:::\n');
    assert.equal(mode, 0o600);
  });

  it('is nowhere without the account', async () => {
    await assert.rejects(after({ '/etc/passwd': 'bin:x:1:1::/:\n' }), (error: unknown) => {
      assert.ok(error instanceof ImageError);
      return error.code === 'no-root-account';
    });
  });
});
