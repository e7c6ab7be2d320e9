import assert from 'node:assert/strict';
import { entriesFor } from '../../../../images/guest/vpn/record.js';
import { link, remove } from '../../../../images/image/change.js';
import type { Change, GuestPath } from '../../../../images/image/image.js';
import { memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';

describe('the VPN record', () => {
  const path: GuestPath = '/f';

  it('refuses what it could not take back: a file replaced by a link, a file removed, a directory removed', async () => {
    const image = memoryImage({ [path]: 'text', '/d': { type: 'directory' } });
    const lost: readonly (readonly Change[])[] = [
      await link(image, path, '/dev/null'),
      await remove(image, path),
      await remove(image, '/d'),
    ];
    for (const changes of lost) assert.equal(await entriesFor(image, changes), undefined);
  });

  it('records a mask, and a link that was replaced', async () => {
    const image = memoryImage({ '/l': { link: '/old' } });
    const mask = await link(image, '/etc', '/dev/null');
    const changes = [...mask, ...(await link(await overlay(image, mask), '/l', '/new'))];
    assert.deepEqual(await entriesFor(image, changes), [
      { path: '/etc', was: { type: 'absent' }, now: { type: 'link', target: '/dev/null' } },
      { path: '/l', was: { type: 'link', target: '/old' }, now: { type: 'link', target: '/new' } },
    ]);
  });
});
