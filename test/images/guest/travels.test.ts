import assert from 'node:assert/strict';
import { travellers } from '../../../images/guest/travels.js';
import { type MemoryNode, memoryImage } from '../../../images/image/memory.js';
import { gather } from '../../support/declared-inputs.js';

const inShort = async (files: Readonly<Record<string, MemoryNode>>): Promise<string[]> =>
  (await gather(travellers, memoryImage(files))).map(
    ({ kind, path, size, files }) => `${kind} ${path} ${size}${files === undefined ? '' : ` in ${files}`}`,
  );

describe('what would travel inside a snapshot', () => {
  it('is found with its size, in every home, and is never read', async () => {
    const found = await inShort({
      '/etc/passwd':
        'root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/srv/ann/:/bin/sh\nsync:x:4:65534:sync:/bin:/bin/sync\n',
      '/etc/ssh/ssh_host_ed25519_key': 'secret',
      '/etc/ssh/ssh_host_ed25519_key.pub': 'public',
      '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
      '/var/lib/dbus/machine-id': { link: '/etc/machine-id' },
      '/root/.bash_history': 'mysql -psecret\n',
      '/srv/ann/.ssh/authorized_keys': 'ssh-ed25519 AAAA\n',
      '/srv/ann/.ssh/id_ed25519': 'secret',
      '/srv/ann/.ssh/id_ed25519.pub': 'public',
      '/srv/ann/.psql_history': 'x\ny\n',
      '/etc/network/interfaces.1448000000.bak': 'auto eth0\n',
      '/etc/shadow.bak.123': 'root:hash:',
      '/var/lib/cloud/instances/i-1/user-data.txt': '#cloud-config\n',
      '/var/lib/cloud/instances/i-1/obj.pkl': 'abc',
      '/var/log/syslog': 'a line\n',
      '/var/log/apt/history.log': 'x',
      '/var/log/empty': '',
    });
    assert.deepEqual(found, [
      'machine-id /etc/machine-id 33',
      'leftover /etc/network/interfaces.1448000000.bak 10',
      'leftover /etc/shadow.bak.123 10',
      'host-key /etc/ssh/ssh_host_ed25519_key 6',
      'history /root/.bash_history 15',
      'history /srv/ann/.psql_history 4',
      'authorized-keys /srv/ann/.ssh/authorized_keys 17',
      'private-key /srv/ann/.ssh/id_ed25519 6',
      'instance-data /var/lib/cloud/instances 17 in 2',
      'logs /var/log 8 in 2',
    ]);
  });

  it('is nothing on a clean image: an empty machine-id is made by the first boot, links are not followed', async () => {
    assert.deepEqual(
      await inShort({
        '/etc/machine-id': '',
        '/root/.bash_history': { link: '/dev/null' },
        '/etc/shadow': 'root:*:',
        '/etc/ssh/sshd_config': 'x\n',
        '/var/log/wtmp': '',
      }),
      [],
    );
  });

  it('ends, however deep or odd the guest is', async () => {
    const files: Record<string, MemoryNode> = { '/etc/passwd': ':::::\nx\na:b:c:d:e:../x:\n' };
    for (let at = 0; at < 3000; at++) files[`/var/log/d${at}/f`] = 'xx';
    const [logs] = await inShort(files);
    assert.match(logs ?? '', /^logs \/var\/log \d+ in \d+$/);
  });
});
