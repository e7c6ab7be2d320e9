import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemdFaults } from '../guests/faults.js';
import { shippedRoot, together } from '../guests/real.js';
import { RealRoots, sh } from '../support/real-roots.js';
import { standalone } from './standalone-build.js';
import { project } from '../support/project.js';

/** What one step in the rescue system said, and its exit code. */
interface Answer {
  readonly text: string;
  readonly status: number;
}

/**
 * A rescue system with a kernel of its own, in a virtual machine without hardware support: what the kernel of a build
 * machine may lack (device-mapper, FAT) is there.
 */
describe('hallmark rescue in a rescue system', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  const answers = new Map<string, Answer>();

  before(() => {
    roots = new RealRoots();
    const folder = roots.folder('machine');
    const server = shippedRoot(roots, 'systemd');
    for (const fault of together(systemdFaults)) fault.put(server);
    sh('tar', '--xattrs', '-C', server, '-cf', join(folder, 'server.tar'), '.');
    const rescue = roots.unpack('rescue');
    putHallmark(rescue);
    const [kernel = ''] = readdirSync(join(rescue, 'boot')).filter((name) => name.startsWith('vmlinuz-'));
    const boot = join(rescue, 'boot');
    const disk = join(folder, 'rescue.img');
    sh('mkfs.ext4', '-q', '-d', rescue, disk, '1400M');
    for (const [name, size] of Object.entries({ broken: '1280M', clash: '64M' }))
      sh('truncate', `--size=${size}`, join(folder, name));
    const drives = [disk, join(folder, 'broken'), join(folder, 'server.tar'), join(folder, 'clash')];
    const { stdout, error } = spawnSync(
      'qemu-system-x86_64',
      [
        ...[
          '-machine',
          'q35,accel=tcg',
          '-cpu',
          'max',
          '-smp',
          '2',
          '-m',
          '1024',
          '-nographic',
          '-no-reboot',
        ],
        ...['-nodefaults', '-serial', 'stdio'],
        ...['-kernel', join(boot, kernel), '-initrd', join(boot, kernel.replace('vmlinuz', 'initrd.img'))],
        ...['-append', 'console=ttyS0 quiet root=/dev/vda rw init=/in-rescue.sh panic=-1'],
        ...drives.flatMap((file) => ['-drive', `file=${file},format=raw,if=virtio,cache=unsafe`]),
      ],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, timeout: 420_000, killSignal: 'SIGKILL' },
    );
    const text = stdout.replaceAll('\r', '');
    for (const [, name = '', said = '', status] of text.matchAll(
      /^@@ begin (\S+)\n([^]*?)^@@ end \1 (\d+)$/gm,
    ))
      answers.set(name, { text: said, status: Number(status) });
    assert.equal(answer('make').status, 0, text);
    assert.equal(error, undefined, text);
  });

  after(() => {
    roots[Symbol.dispose]();
  });

  const answer = (name: string): Answer => {
    const found = answers.get(name);
    assert.ok(found, `it never came to "${name}": ${JSON.stringify([...answers], null, 1)}`);
    return found;
  };
  const succeeded = (name: string): string => {
    const { text, status } = answer(name);
    assert.equal(status, 0, `${name}: ${text}`);
    return text;
  };

  it('needs no Node.js', () => {
    const { text, status } = answer('node');
    assert.deepEqual([text, status], ['', 127]);
    for (const each of answers.values()) assert.doesNotMatch(each.text, /Warning|code cache/i);
  });

  it('finds the server on logical volumes, with its ESP, and repairs it', () => {
    const said = succeeded('rescue');
    assert.match(said, /\/dev\/mapper\/vg0-root: Debian GNU\/Linux 12\S*, 700 MiB ext4/);
    assert.match(said, /^GOLDEN/m);
    assert.doesNotMatch(said, /is not mounted/);
    succeeded('check');
    succeeded('password');
  });

  it('leaves nothing mounted and no logical volume active, also after a run that was killed', () => {
    assert.match(succeeded('killed'), /vg0-root/, 'the volumes of the killed run were to be active still');
    assert.equal(answer('left').text, '');
    assert.equal(answer('left-after-undo').text, '');
  });

  it('takes it back, though the logical volume was not active', () => {
    assert.match(succeeded('undo'), /is as it was before/);
    assert.equal(succeeded('after'), succeeded('before'));
  });

  it('says when the rescue system has a logical volume of the same name', () => {
    const { text, status } = answer('clash');
    assert.equal(status, 3, text);
    // Its terminal breaks lines.
    assert.match(
      text.replace(/\s+/g, ' '),
      /vg0\/root of \/dev\/vdb2 cannot be activated: another one of that name is active/,
    );
  });
});

/** The command in its one file: the rescue system has no Node.js. */
function putHallmark(root: string): void {
  cpSync(standalone(), join(root, 'usr/local/bin/hallmark'));
  cpSync(join(project, 'test/guests/rescue-system/in-rescue.sh'), join(root, 'in-rescue.sh'));
  sh('chmod', '755', join(root, 'in-rescue.sh'));
}
