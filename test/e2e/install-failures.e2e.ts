import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DebPackage, agentDeb, aptRepository, buildDeb } from '../guests/agent-packages.js';
import { withoutAgent } from '../guests/install-roots.js';
import { target } from '../guests/real.js';
import { hallmark, report } from '../support/command.js';
import { program } from '../support/project.js';
import { HttpFolder } from '../support/http-folder.js';
import { leftovers } from '../support/leftovers.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';

describe('installing what fails', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  let shipped: string;
  let server: HttpFolder;
  before(async () => {
    roots = new RealRoots();
    shipped = withoutAgent(roots.unpack('systemd'));
    const folder = roots.folder('served');
    writeFileSync(join(folder, 'reached'), '');
    server = await HttpFolder.open(folder, roots.folder('log'));
    sh('sh', '-c', callHome(`${server.url}/reached`)); // who has the network gets there
  });
  after(() => {
    server[Symbol.dispose]();
    roots[Symbol.dispose]();
  });

  const needy = { ...agentDeb, depends: 'python3-unheard-of' };
  const callHome = (url: string): string =>
    `python3 -c 'import urllib.request as u; u.urlopen("${url}", timeout=5)'`;
  const deb = (more: Partial<DebPackage>): string => buildDeb(roots.folder('deb'), { ...agentDeb, ...more });
  const script = (text: string): Partial<DebPackage> => ({ scripts: { postinst: `#!/bin/sh\n${text}\n` } });

  const cases: Readonly<Record<string, readonly [args: () => string[], pattern: RegExp, exit: number]>> = {
    'a wrong checksum': [
      () => ['--agent-package', deb({}), '--sha256', '0'.repeat(64)],
      /does not match the expected digest/,
      2,
    ],
    'a missing file': [() => ['--agent-package', '/nowhere.deb'], /cannot read \/nowhere.deb/, 2],
    'a file that is no package': [
      () => ['--agent-package', '/etc/passwd'],
      /neither a \.deb, an \.rpm, a tarball nor an ISO image/,
      3,
    ],
    'an unreachable repository': [
      () => ['--agent-repo', 'http://127.0.0.1:9/debian'],
      /apt-get update failed \(exit 100\): .*127\.0\.0\.1/,
      4,
    ],
    'a repository without it': [
      () => ['--agent-repo', aptRepository(roots.folder('empty'), [{ ...agentDeb, name: 'other' }])],
      /no repository has python3-nova-agent or .* in version 2\. Nothing was installed/,
      4,
    ],
    'an unsatisfied dependency': [
      () => ['--agent-package', deb({ depends: 'python3-unheard-of' })],
      /depends on python3-unheard-of.* or name a repository that has it \(--agent-repo/,
      4,
    ],
    'an unsatisfied dependency in a repository': [
      () => ['--agent-repo', aptRepository(roots.folder('repository'), [needy])],
      /Depends: python3-unheard-of/,
      4,
    ],
    'a dependency that the repository beside the file has not': [
      () => [
        ...['--agent-package', deb(needy)],
        ...['--agent-repo', aptRepository(roots.folder('repository'), [{ ...agentDeb, name: 'other' }])],
      ],
      /Depends: python3-unheard-of/,
      4,
    ],
    'a scriptlet that fails': [
      () => ['--agent-package', deb(script('exit 3'))],
      /returned error exit status 3/,
      4,
    ],
    'a scriptlet that needs a mount': [
      () => ['--agent-package', deb(script('mount -t tmpfs x /mnt'))],
      /returned error exit status/,
      4,
    ],
    'a scriptlet that looks for the host': [
      () => ['--agent-package', deb(script(`test -e /proc/1/root${roots.scratch} || exit 7`))],
      /returned error exit status 7/,
      4,
    ],
    'a scriptlet that needs the network': [
      () => ['--agent-package', deb(script(callHome(`${server.url}/reached`)))],
      /returned error exit status 1/,
      4,
    ],
    'a full layer': [
      () => ['--agent-package', deb(script('dd if=/dev/zero of=/opt/big bs=1M count=4000'))],
      /filled all the space/,
      4,
    ],
    'a package for another system': [
      () => [
        '--agent-package',
        sh(
          'sh',
          '-c',
          'cd "$1" && printf "\\355\\253\\356\\333%600s" x >x.rpm && echo "$1/x.rpm"',
          'sh',
          roots.folder('rpm'),
        ).trim(),
      ],
      /is a \.rpm, and the image has dpkg/,
      4,
    ],
  };
  for (const [what, [args, pattern, exit]] of Object.entries(cases)) {
    it(`for ${what} leaves the image as it was, and says why`, () => {
      const root = roots.copy(shipped);
      const before_ = survey(root);
      const options = { state: roots.folder('state') };
      const only = ['--only', 'agent-installed'];
      const { status, stdout, stderr } = hallmark(
        ['prepare', root, '--yes', ...target, ...only, ...args()],
        options,
      );
      assert.match(`${stdout}${stderr}`.replace(/\s+/g, ' '), pattern);
      assert.equal(status, exit, stdout + stderr);
      assert.deepEqual(survey(root), before_);
      roots.release(root);
    });
  }

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    it(`for ${signal} in the midst leaves nothing running, mounted or changed`, async () => {
      const root = roots.copy(shipped);
      const before_ = survey(root);
      const file = deb(script('touch /opt/begun; sleep 424242'));
      const args = ['prepare', root, '--yes', ...target, '--agent-package', file];
      const env = { ...process.env, XDG_STATE_HOME: roots.folder('state') };
      const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore', env, detached: true });
      const ended = once(child, 'exit');
      const sleepers = (): string => sh('sh', '-c', 'pgrep -f "^sleep 424242" || true').trim();
      while (sleepers() === '') await sleep(50);
      // Ctrl-C at a terminal reaches every process of the group; SIGKILL is sent to the one.
      process.kill(signal === 'SIGINT' ? -(child.pid ?? 0) : (child.pid ?? 0), signal);
      const [code] = (await ended) as [number | null];
      assert.equal(code, signal === 'SIGINT' ? 130 : null);
      for (let attempt = 0; sleepers() !== '' && attempt < 50; attempt++) await sleep(50);
      assert.equal(sleepers(), '');
      assert.deepEqual(survey(root), before_);
      if (signal === 'SIGINT') assert.deepEqual(leftovers(child.pid), []);
      // What a killed run left is cleared by the next, which is none the worse for it.
      const next = ['plan', root, ...target, '--agent-package', buildDeb(roots.folder('deb'), agentDeb)];
      assert.deepEqual(report(next, {}).unverified, []);
      assert.deepEqual(leftovers(child.pid), []);
      roots.release(root);
    });
  }
});
