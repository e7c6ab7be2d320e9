import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { link, remove, write } from '../../images/image/change.js';
import { openDirectory } from '../../images/image/directory.js';
import type { Change, Image } from '../../images/image/image.js';
import { collapse, overlay } from '../../images/image/overlay.js';
import { openTarball } from '../../images/image/tarball/read.js';
import { writeTarball } from '../../images/write/tarball/write.js';
import { apply } from '../../images/write/apply.js';
import { undo } from '../../images/write/undo.js';
import { install } from '../guests/healthy.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';

/** Labels as an SELinux system has them on the disk, read and written by setfattr, getfattr and GNU tar. */
const name = 'security.selinux';
const label = (type: string): string => `system_u:object_r:${type}:s0`;

const labels: Readonly<Record<string, string>> = {
  '/etc': 'etc_t',
  '/etc/plain': 'etc_t',
  '/etc/shadow': 'shadow_t',
  '/etc/systemd/system': 'systemd_unit_file_t',
  '/etc/systemd/system/masked.service': 'masked_t',
  '/usr/lib/systemd/system/agent.service': 'agent_unit_t',
};

/** What a repair makes, replaces and removes. */
async function repair(image: Image): Promise<Change[]> {
  const changes: Change[] = [];
  const steps: ((now: Image) => Promise<Change[]>)[] = [
    (now) => write(now, '/etc/new.conf', 'new\n'),
    (now) => write(now, '/etc/shadow', 'root:!::::::::\n', { mode: 0o640 }),
    (now) => write(now, '/etc/systemd/system/agent.service.d/order.conf', '[Unit]\nAfter=xe.service\n'),
    (now) => write(now, '/etc/systemd/system/masked.service', '[Service]\n'),
    (now) => link(now, '/etc/systemd/system/multi-user.target.wants/agent.service', '../agent.service'),
    (now) => link(now, '/etc/plain', 'shadow'),
    (now) => write(now, '/opt/none.conf', 'its folder has no label\n'),
    (now) => remove(now, '/usr/lib/systemd/system/agent.service'),
  ];
  for (const step of steps) changes.push(...(await step(await overlay(image, changes))));
  // As a package manager leaves a file: with attributes of its own.
  const capable: Change = {
    kind: 'write',
    path: '/etc/capable',
    expect: { type: 'absent' },
    content: { bytes: Buffer.from('x') },
    posix: {
      ...{ mode: 0o755, uid: 0, gid: 0 },
      extended: { 'user.note': Buffer.from('kept').toString('base64') },
    },
  };
  return collapse([...changes, capable]);
}

/** The types of all labels below a folder, by path. */
function typesIn(root: string): Record<string, string> {
  const found: Record<string, string> = {};
  const dump = sh('sh', '-c', 'cd "$1" && getfattr -R -h -n "$2" . 2>/dev/null || true', 'sh', root, name);
  for (const [, path = '', type = ''] of dump.matchAll(/^# file: (\S+)\n\S+="[^:]*:[^:]*:([^:]*):/gm))
    found[`/${path}`] = type;
  return found;
}

const afterwards = {
  '/etc': 'etc_t',
  '/etc/capable': 'etc_t',
  '/etc/new.conf': 'etc_t',
  // A link in the place of a file.
  '/etc/plain': 'etc_t',
  '/etc/shadow': 'shadow_t',
  '/etc/systemd/system': 'systemd_unit_file_t',
  '/etc/systemd/system/agent.service.d': 'systemd_unit_file_t',
  '/etc/systemd/system/agent.service.d/order.conf': 'systemd_unit_file_t',
  // A file in the place of a link.
  '/etc/systemd/system/masked.service': 'masked_t',
  '/etc/systemd/system/multi-user.target.wants': 'systemd_unit_file_t',
  '/etc/systemd/system/multi-user.target.wants/agent.service': 'systemd_unit_file_t',
};

describe('SELinux labels, as root', () => {
  const roots = new RealRoots();
  after(() => {
    roots[Symbol.dispose]();
  });

  function labelled(): string {
    const root = roots.folder('labelled');
    install(root, {
      '/etc/plain': 'plain\n',
      '/etc/shadow': 'root:*::::::::\n',
      '/etc/systemd/system/masked.service': { link: '/dev/null' },
      '/usr/lib/systemd/system/agent.service': '[Service]\n',
      '/opt/there': '',
    });
    for (const [path, type] of Object.entries(labels)) relabel(join(root, path), type);
    return root;
  }
  const relabel = (path: string, type: string): string =>
    sh('setfattr', '-h', '-n', name, '-v', label(type), path);

  it('of what is new in a directory are those of its directory, and what is replaced keeps its own', async () => {
    const root = labelled();
    const stateDirectory = roots.folder('state');
    const before_ = survey(root);
    await using image = openDirectory(root);
    await apply(root, await repair(image), { stateDirectory, source: 'drill' });
    assert.deepEqual(typesIn(root), afterwards);
    assert.equal(sh('getfattr', '--only-values', '-n', 'user.note', join(root, 'etc/capable')), 'kept');
    await undo(root, { stateDirectory });
    assert.deepEqual(survey(root), before_);
  });

  it('are none in a directory that has none', async () => {
    const root = labelled();
    for (const path of Object.keys(labels)) sh('setfattr', '-h', '-x', name, join(root, path));
    await using image = openDirectory(root);
    await apply(root, await repair(image), { stateDirectory: roots.folder('state'), source: 'drill' });
    assert.deepEqual(typesIn(root), {});
  });

  for (const [program, ...options] of [
    ['tar', '--xattrs', '--xattrs-include=*'],
    ['tar', '--selinux'],
    ['bsdtar', '--xattrs', '--format=pax'],
  ] as const) {
    it(`of what is new in a tarball of ${program} ${options[0]} are the same, in its fashion`, async () => {
      const root = labelled();
      const folder = roots.folder('tar');
      const [packed, written] = [join(folder, 'a.tar'), join(folder, 'b.tar')];
      sh(program, ...options, '-C', root, '-cf', packed, '.');
      await using image = await openTarball(packed, []);
      await writeTarball(packed, await repair(image), written);
      const out = roots.folder('out');
      sh('tar', '--xattrs', '--xattrs-include=*', '--selinux', '-C', out, '-xpf', written);
      assert.deepEqual(typesIn(out), afterwards);
      const fashions = (file: string): string[] =>
        [...new Set(readFileSync(file, 'latin1').match(/[A-Z]+\.(?:xattr\.)?security\.selinux/g))].sort();
      assert.deepEqual(fashions(written), fashions(packed));
    });
  }
});
