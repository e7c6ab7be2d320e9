import assert from 'node:assert/strict';
import { link, preconditionOf, remove, write } from '../../../images/image/change.js';
import { sha256 } from '../../../images/base/sha256.js';
import type { Change, Image } from '../../../images/image/image.js';
import { memoryImage } from '../../../images/image/memory.js';
import { reportChanges } from '../../../pipeline/report/diff.js';
import type { ReportedChange } from '../../../pipeline/report/report.js';
import { changeInWords } from '../../../pipeline/report/change-words.js';

async function only(
  image: Image,
  changes: readonly Change[],
  fixers: readonly string[] = ['f'],
): Promise<ReportedChange> {
  const path = changes[0]?.path ?? '/';
  const reported = await reportChanges(image, changes, new Map([[path, fixers]]));
  assert.equal(reported.length, 1);
  return reported[0]!;
}

describe('reportChanges', () => {
  it('tells owners, modes of directories, and the names of extended attributes', async () => {
    const image = memoryImage({ '/var/lib': { type: 'directory', mode: 0o755 } });
    const absent = { type: 'absent' } as const;
    const owner = { uid: 7, gid: 8 };
    const expect = await preconditionOf(image, '/var/lib');
    const changed = await only(image, [
      { kind: 'directory', path: '/var/lib', expect, posix: { mode: 0o700, owner } },
    ]);
    assert.deepEqual(
      [changed.before, changed.after],
      [
        { type: 'directory', mode: '0755', uid: 0, gid: 0 },
        { type: 'directory', mode: '0700', uid: 7, gid: 8 },
      ],
    );
    assert.equal(changeInWords(changed), 'directory, mode 0755 to 0700, owner 0:0 to 7:8');
    const made = await only(image, [{ kind: 'link', path: '/l', expect: absent, target: 't', posix: owner }]);
    assert.equal(changeInWords(made), 'new link to t, owner 7:8');
    const content = { bytes: Buffer.from('x') };
    const extended = { 'user.b': 'eA==', 'security.capability': 'eA==' };
    const written: Change = {
      kind: 'write',
      path: '/p',
      expect: absent,
      content,
      posix: { mode: 0o755, uid: 0, gid: 0, extended },
    };
    assert.equal(
      changeInWords(await only(image, [written])),
      'new file, mode 0755, with security.capability and user.b',
    );
  });

  it('tells no POSIX attributes where a guest has none', async () => {
    const image = memoryImage({ '/etc/x': 'old' });
    const content = { bytes: Buffer.from('new') };
    const expect = { type: 'file', sha256: sha256(Buffer.from('old')) } as const;
    const change = await only(image, [{ kind: 'write', path: '/etc/x', expect, content }]);
    assert.deepEqual(
      [change.before, change.after].map((each) => Object.keys(each)),
      [
        ['type', 'size', 'sha256'],
        ['type', 'size', 'sha256'],
      ],
    );
    assert.equal(changeInWords(change), 'edit');
    const made: Change = { kind: 'directory', path: '/d', expect: { type: 'absent' } };
    assert.equal(changeInWords(await only(image, [made])), 'new directory');
  });

  it('shows an edit as a unified diff, with who asked for it and what was there', async () => {
    const image = memoryImage({ '/etc/init.d/xe': { content: 'one\ntwo\nthree\n', mode: 0o755 } });
    const change = await only(image, await write(image, '/etc/init.d/xe', 'one\n2\nthree\n'), ['a', 'b']);
    assert.equal(
      change.diff,
      '--- a/etc/init.d/xe\n+++ b/etc/init.d/xe\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n',
    );
    assert.deepEqual(change.fixers, ['a', 'b']);
    assert.deepEqual(change.before, {
      type: 'file',
      mode: '0755',
      uid: 0,
      gid: 0,
      size: 14,
      sha256: sha256(Buffer.from('one\ntwo\nthree\n')),
    });
    assert.equal(change.after.type === 'file' && change.after.size, 12);
    assert.equal(change.notShown, undefined);
  });

  it('shows a new file against /dev/null, and a removed one', async () => {
    const image = memoryImage({ '/etc/old': 'gone\n' });
    const added = await only(image, await write(image, '/etc/new', 'here\n'));
    assert.equal(added.diff, '--- /dev/null\n+++ b/etc/new\n@@ -0,0 +1,1 @@\n+here\n');
    const removed = await only(image, await remove(image, '/etc/old'));
    assert.equal(removed.diff, '--- a/etc/old\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-gone\n');
    assert.deepEqual(removed.after, { type: 'absent' });
  });

  it('has no diff for links, directories and a mere change of mode', async () => {
    const image = memoryImage({ '/etc/run': 'x\n', '/etc/link': { link: 'run' } });
    const linked = await only(image, await link(image, '/etc/link', '../run'));
    assert.deepEqual(
      [linked.before, linked.after],
      [
        { type: 'link', target: 'run' },
        { type: 'link', target: '../run' },
      ],
    );
    assert.equal('diff' in linked, false);
    const mode = await only(image, await write(image, '/etc/run', 'x\n', { mode: 0o755 }));
    assert.equal('diff' in mode || 'notShown' in mode, false);
    assert.equal(mode.after.type === 'file' && mode.after.mode, '0755');
    const [made] = await reportChanges(image, await link(image, '/srv/l', 'x'), new Map());
    assert.deepEqual(
      [made?.kind, made?.after, made?.fixers],
      ['directory', { type: 'directory', mode: '0755' }, []],
    );
  });

  it('marks a missing end of line as diff(1) does', async () => {
    const image = memoryImage({ '/etc/a': 'x' });
    const change = await only(image, await write(image, '/etc/a', 'x\n'));
    assert.match(change.diff ?? '', /-x\n\\ No newline at end of file\n\+x\n/);
  });

  const secrets: readonly (readonly [string, string, string, number])[] = [
    ['/etc/shadow', 'root:*:1::::::\n', 'root:!:1::::::\n', 0o640],
    ['/etc/shadow-', 'root:*:1::::::\n', 'root:!:1::::::\n', 0o644],
    ['/etc/ssh/ssh_host_ed25519_key', 'hunter2\n', 'hunter3\n', 0o644],
    ['/root/.ssh/id_rsa', 'hunter2\n', 'hunter3\n', 0o644],
    ['/etc/NetworkManager/system-connections/office.nmconnection', 'hunter2\n', 'hunter3\n', 0o644],
    ['/etc/wireguard/wg0.conf', 'hunter2\n', 'hunter3\n', 0o644],
    ['/etc/some.conf', 'hunter2\n', 'hunter3\n', 0o600],
    ['/etc/some.conf', 'a\n-----BEGIN RSA PRIVATE KEY-----\n', 'b\n-----BEGIN RSA PRIVATE KEY-----\n', 0o644],
    ['/etc/openvpn/client.conf', '<key>\n-----BEGIN PRIVATE KEY-----\n', 'x\n', 0o644],
    ['/etc/rc.local', 'mount -o password=hunter2 x\n', 'exit 0\n', 0o755],
    [
      '/etc/cloud/cloud.cfg',
      'a: 1\nhashed: $6$saltsalt$hashhashhashhash\n',
      'a: 2\nhashed: $6$saltsalt$hashhashhashhash\n',
      0o644,
    ],
  ];
  for (const [path, before, after, mode] of secrets) {
    it(`shows neither content nor digest of ${path} (${mode.toString(8)}: ${JSON.stringify(before.slice(0, 20))})`, async () => {
      const image = memoryImage({ [path]: { content: before, mode } });
      const changes = await write(image, path as `/${string}`, after);
      const change = await only(image, changes);
      assert.equal(change.notShown, 'secret');
      const text = JSON.stringify(change);
      for (const secret of [before.trim(), sha256(Buffer.from(before)), sha256(Buffer.from(after))]) {
        assert.equal(text.includes(JSON.stringify(secret).slice(1, -1)), false, secret);
      }
    });
  }

  it('gives no digest of a secret whose mode alone changes', async () => {
    const image = memoryImage({ '/etc/shadow': { content: 'root:*:1::::::\n', mode: 0o644 } });
    const change = await only(image, await write(image, '/etc/shadow', 'root:*:1::::::\n', { mode: 0o640 }));
    assert.deepEqual(change.before, { type: 'file', mode: '0644', uid: 0, gid: 0 });
    assert.deepEqual(change.after, { type: 'file', mode: '0640', uid: 0, gid: 0 });
  });

  it('shows what only sounds like a secret', async () => {
    const before =
      'disable_root: true\nssh_pwauth: 0\nsystem_info:\n  default_user:\n    lock_passwd: True\n';
    const image = memoryImage({ '/etc/cloud/cloud.cfg': before });
    const change = await only(
      image,
      await write(image, '/etc/cloud/cloud.cfg', `${before}datasource_list: [ ConfigDrive ]\n`),
    );
    assert.match(change.diff ?? '', /\+datasource_list/);
  });

  it('shows a program that only root may read', async () => {
    const image = memoryImage({ '/usr/share/nova-agent/x': { content: '#!/bin/sh\n', mode: 0o700 } });
    const change = await only(
      image,
      await write(image, '/usr/share/nova-agent/x', '#!/bin/sh\n# Provides: x\n'),
    );
    assert.match(change.diff ?? '', /\+# Provides: x/);
  });

  it('gives digests instead of a diff for binary and for big content', async () => {
    const image = memoryImage({ '/a': Buffer.from([0, 1]), '/b': 'x' });
    assert.equal((await only(image, await write(image, '/a', 'text'))).notShown, 'binary');
    const big = await only(image, await write(image, '/b', Buffer.alloc(300 * 1024, 'x\n')));
    assert.equal(big.notShown, 'too large');
    assert.equal(big.after.type === 'file' && big.after.size, 300 * 1024);
    const hopeless = (word: string): string =>
      Array.from({ length: 6000 }, (_, at) => `${word}${at}`).join('\n');
    const rewritten = memoryImage({ '/c': hopeless('a') });
    assert.equal((await only(rewritten, await write(rewritten, '/c', hopeless('b')))).notShown, 'too large');
  });

  it('lets no name put a line into the diff', async () => {
    const path = '/etc/a\n+++ b/etc/passwd\n+evil';
    const image = memoryImage({ [path]: 'x\n' });
    const change = await only(image, await write(image, path, 'y\n'));
    assert.equal(change.diff?.split('\n').length, 6);
    assert.doesNotMatch(change.diff ?? '', /^\+evil/m);
  });

  it('keeps bytes that are not UTF-8 apart from others', async () => {
    const image = memoryImage({ '/a': Buffer.from([0x61, 0xe9, 0x0a]) });
    const change = await only(image, await write(image, '/a', Buffer.from([0x61, 0xe8, 0x0a])));
    assert.match(change.diff ?? '', /-a\udce9\n\+a\udce8\n/);
  });
});
