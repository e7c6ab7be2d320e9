import assert from 'node:assert/strict';
import type { GuestCommand, Installation } from '../../../images/install/installation.js';
import { installationOf } from '../../../images/install/manager.js';
import type { PackageSource } from '../../../images/install/source.js';
import type { GuestPath, Image } from '../../../images/image/image.js';
import { memoryImage } from '../../../images/image/memory.js';
import { failure } from '../../support/transaction.js';

const guest = (...programs: GuestPath[]): Image =>
  memoryImage(Object.fromEntries(programs.map((path) => [path, { content: '', mode: 0o755 }])));
const wanted = { names: ['python3-nova-agent', 'nova-agent'], major: '2' };
const folder = { kind: 'folder', path: '/repository' } as const;
const url = { kind: 'url', url: 'https://example.org/x' } as const;
const deb = { kind: 'file', path: '/a.deb', format: 'deb' } as const;
const rpm = { kind: 'file', path: '/a.rpm', format: 'rpm' } as const;

/** What apt-cache, dnf, microdnf and zypper say of a package that there is in three versions. */
const listings: Readonly<Record<string, string>> = {
  'apt-cache':
    'nova-agent | 2.1.9-1 | http://x ./ Packages\nnova-agent | 2.1.25-1 | http://x ./ Packages\nnova-agent | 20.1-1 | http://x ./ Packages\nnova-agent | 2.1.99-1 | http://x ./ Sources\n',
  dnf: 'Last metadata expiration check: 0:00:01 ago\nAvailable Packages\nnova-agent.noarch   2.1.9-1  hallmark\nnova-agent.noarch   2.1.25-1  hallmark\nnova-agent.noarch 20.1-1 hallmark\nnova-agent-doc.noarch 2.9-1 hallmark\n',
  microdnf:
    'nova-agent-2.1.25-1.noarch\nnova-agent-2.1.9-1.noarch\nnova-agent-20.1-1.noarch\nnova-agent-doc-2.9-1.noarch\n',
  zypper:
    'Loading repository data...\nS | Name       | Type    | Version  | Arch   | Repository\n--+------------+---------+----------+--------+-----------\n  | nova-agent | package | 2.1.9-1 | noarch | hallmark\n  | nova-agent | package | 2.1.25-1 | noarch | hallmark\n  | nova-agent | package | 20.1-1 | noarch | hallmark\n',
};

/** Runs the steps with programs that only say what is known of them. @returns what was run, a line each */
async function run({ steps }: Installation, known = true): Promise<string[]> {
  const lines: string[] = [];
  await steps(({ program, args, network = 'none' }: GuestCommand) => {
    const [, name = ''] = /([^/]+)$/.exec(program) ?? [];
    lines.push(`${network}: ${name} ${args.join(' ')}`);
    const asked = args.at(-1) === 'nova-agent' && known;
    const listing = listings[name === 'yum' || name === 'dnf5' ? 'dnf' : name] ?? '';
    return Promise.resolve(asked ? listing.split('\n') : []);
  });
  return lines;
}

async function runOf(
  programs: readonly GuestPath[],
  source: PackageSource,
  manager: 'dpkg' | 'rpm' = 'rpm',
): Promise<string[]> {
  return run(await installationOf(guest(...programs), manager, source, wanted));
}

describe('how a guest installs', () => {
  it('has the network to fetch, and none to install', async () => {
    for (const [manager, programs] of [
      ['dpkg', ['/usr/bin/apt-get', '/usr/bin/dpkg']],
      ['rpm', ['/usr/bin/dnf', '/usr/bin/rpm']],
      ['rpm', ['/usr/bin/yum']],
      ['rpm', ['/usr/bin/dnf5']],
      ['rpm', ['/usr/bin/zypper']],
    ] as const) {
      for (const source of [url, { kind: 'guest' }] as const) {
        const lines = await runOf(programs, source, manager);
        assert.match(lines.at(-2) ?? '', /^host: .*--download-?only .*nova-agent/);
        assert.match(lines.at(-1) ?? '', /^none: .* install .*nova-agent[-=]2\.1\.25-1$/);
        assert.ok(lines.slice(0, -1).every((line) => line.startsWith('host: ')));
      }
      const offline = await runOf(programs, folder, manager);
      assert.ok(offline.every((line) => line.startsWith('none: ')));
    }
    assert.deepEqual(await runOf(['/usr/bin/dpkg'], deb, 'dpkg'), [
      'none: dpkg --force-confdef --force-confold --install /run/hallmark/package.deb',
    ]);
  });

  // microdnf(8), of microdnf's own sources: it has no option to fetch alone.
  it('of microdnf has the network throughout, and what it knows of options', async () => {
    assert.deepEqual(await runOf(['/usr/bin/microdnf'], url), [
      'host: microdnf --setopt=reposdir=/etc/yum.repos.d,/run/hallmark/repos repoquery python3-nova-agent',
      'host: microdnf --setopt=reposdir=/etc/yum.repos.d,/run/hallmark/repos repoquery nova-agent',
      'host: microdnf --setopt=reposdir=/etc/yum.repos.d,/run/hallmark/repos -y install nova-agent-2.1.25-1',
    ]);
  });

  it('takes of the names the first that there is in the version wanted, and its highest', async () => {
    for (const programs of [['/usr/bin/dnf'], ['/usr/bin/zypper'], ['/usr/bin/microdnf']] as const) {
      const lines = await runOf(programs, folder);
      const asked = lines.map((line) => line.replace(/.* /, '')).filter((word) => /nova/.test(word));
      assert.deepEqual(asked, [...wanted.names, asked.at(-1)]);
      assert.match(asked.at(-1) ?? '', /^nova-agent[-=]2\.1\.25-1$/);
    }
    const none = await installationOf(guest('/usr/bin/dnf'), 'rpm', folder, wanted);
    await assert.rejects(
      run(none, false),
      failure('no-package', /no repository .* python3-nova-agent or nova-agent in version 2/),
    );
    const other = await installationOf(guest('/usr/bin/zypper'), 'rpm', folder, { ...wanted, major: '1' });
    await assert.rejects(run(other), (error: Error & { hint?: string }) =>
      /^They have nova-agent 2\.1\.9-1, /.test(error.hint ?? ''),
    );
  });

  it('has a file with its dependencies from a repository, without a look at names', async () => {
    for (const [manager, programs, file, expected] of [
      ['dpkg', ['/usr/bin/apt-get'], deb, /--no-download install \/run\/hallmark\/package\.deb$/],
      ['rpm', ['/usr/bin/dnf'], rpm, /--cacheonly install \/run\/hallmark\/package\.rpm$/],
      ['rpm', ['/usr/bin/zypper'], rpm, /--allow-unsigned-rpm \/run\/hallmark\/package\.rpm$/],
    ] as const) {
      const lines = await runOf(programs, { ...file, dependencies: url }, manager);
      assert.equal(lines.length, 3);
      assert.match(lines[2] ?? '', expected);
      const { binds } = await installationOf(
        guest(...programs),
        manager,
        { ...file, dependencies: folder },
        wanted,
      );
      assert.deepEqual(
        binds.map(({ from }) => from),
        [folder.path, file.path],
      );
    }
  });

  it('trusts an unsigned repository only where it is a folder of the user', async () => {
    const debian = guest('/usr/bin/apt-get');
    const lists = async (source: typeof folder | typeof url): Promise<string> =>
      Object.values((await installationOf(debian, 'dpkg', source, wanted)).files).join();
    assert.match(await lists(folder), /trusted=yes/);
    assert.match(await lists(url), /^deb https:\/\/example\.org\/x \.\/$/m);
    assert.doesNotMatch(await lists(url), /trusted/);
    for (const program of ['/usr/bin/dnf', '/usr/bin/zypper', '/usr/bin/microdnf'] as const) {
      const repo = async (source: typeof folder | typeof url): Promise<string> =>
        Object.values((await installationOf(guest(program), 'rpm', source, wanted)).files).join();
      assert.match(await repo(folder), /gpgcheck=0/);
      assert.doesNotMatch(await repo(url), /gpgcheck/);
      const lines = await runOf([program], url);
      assert.ok(!lines.some((line) => /gpg|unsigned/.test(line)));
    }
  });

  it('takes the tool that the distribution prefers', async () => {
    for (const [programs, expected] of [
      [['/usr/bin/dnf', '/usr/bin/yum'], 'dnf'],
      [['/usr/bin/yum'], 'yum'],
      [['/usr/bin/zypper', '/usr/bin/dnf'], 'zypper'],
    ] as const) {
      const [first = ''] = await runOf(programs, folder);
      assert.match(first, new RegExp(`^none: ${expected} `));
    }
  });

  it('says why it cannot', async () => {
    await assert.rejects(
      installationOf(guest('/usr/bin/rpm'), 'rpm', folder, wanted),
      failure('no-package-manager', /it has rpm, but none of zypper, dnf/),
    );
    await assert.rejects(installationOf(guest(), 'none', folder, wanted), failure('no-package-manager'));
    for (const source of [deb, { ...deb, dependencies: folder }])
      await assert.rejects(
        installationOf(guest('/usr/bin/rpm', '/usr/bin/dnf'), 'rpm', source, wanted),
        failure('wrong-package', /is a \.deb, and the image has rpm/),
      );
  });
});
