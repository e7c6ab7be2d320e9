import assert from 'node:assert/strict';
import { installationOf } from '../../../images/install/manager.js';
import type { GuestPath, Image } from '../../../images/image.js';
import { memoryImage } from '../../../images/memory.js';
import { failure } from '../../support/transaction.js';

const guest = (...programs: GuestPath[]): Image =>
  memoryImage(Object.fromEntries(programs.map((path) => [path, { content: '', mode: 0o755 }])));
const wanted = { names: ['nova-agent'], major: '2' };
const folder = { kind: 'folder', path: '/repository' } as const;
const url = { kind: 'url', url: 'https://example.org/x' } as const;

describe('how a guest installs', () => {
  it('has the network only where a repository elsewhere is asked', async () => {
    const debian = guest('/usr/bin/apt-get', '/usr/bin/dpkg');
    const file = { kind: 'file', path: '/a.deb', format: 'deb' } as const;
    for (const [source, network] of [
      [file, 'none'],
      [folder, 'none'],
      [url, 'host'],
      [{ kind: 'guest' }, 'host'],
    ] as const)
      assert.equal((await installationOf(debian, 'dpkg', source, wanted)).network, network);
  });

  it('trusts an unsigned repository only where it is a folder of the user', async () => {
    const debian = guest('/usr/bin/apt-get');
    const lists = async (source: typeof folder | typeof url): Promise<string> =>
      Object.values((await installationOf(debian, 'dpkg', source, wanted)).files).join();
    assert.match(await lists(folder), /trusted=yes/);
    assert.match(await lists(url), /^deb https:\/\/example\.org\/x \.\/$/m);
    assert.doesNotMatch(await lists(url), /trusted/);
    const fedora = guest('/usr/bin/dnf');
    const repo = async (source: typeof folder | typeof url): Promise<string> =>
      Object.values((await installationOf(fedora, 'rpm', source, wanted)).files).join();
    assert.match(await repo(folder), /gpgcheck=0/);
    assert.doesNotMatch(await repo(url), /gpgcheck/);
  });

  it('takes the tool that the distribution prefers', async () => {
    for (const [programs, expected] of [
      [['/usr/bin/dnf', '/usr/bin/yum'], '/usr/bin/dnf'],
      [['/usr/bin/yum'], '/usr/bin/yum'],
      [['/usr/bin/zypper', '/usr/bin/dnf'], '/usr/bin/zypper'],
    ] as const) {
      const { commands } = await installationOf(guest(...programs), 'rpm', folder, wanted);
      assert.equal(commands[0]?.program, expected);
    }
  });

  it('says why it cannot', async () => {
    await assert.rejects(
      installationOf(guest('/usr/bin/rpm'), 'rpm', folder, wanted),
      failure('no-package-manager', /it has rpm, but none of zypper, dnf/),
    );
    await assert.rejects(installationOf(guest(), 'none', folder, wanted), failure('no-package-manager'));
    const deb = { kind: 'file', path: '/a.deb', format: 'deb' } as const;
    await assert.rejects(
      installationOf(guest('/usr/bin/rpm'), 'rpm', deb, wanted),
      failure('wrong-package', /is a \.deb, and the image has rpm/),
    );
  });
});
