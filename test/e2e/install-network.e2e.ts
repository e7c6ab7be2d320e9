import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentDeb, agentRpm, aptRepository, rpmRepository } from '../guests/agent-packages.js';
import { rpmGuests, trusting, withoutAgent } from '../guests/install-roots.js';
import { target } from '../guests/real.js';
import { report } from '../support/command.js';
import { HttpFolder } from '../support/http-folder.js';
import { failures, isEnabled, undo } from '../support/installing.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';

/** What a scriptlet finds of the network: the host's loopback, where the package came from a moment ago. */
const callHome = (port: number): string =>
  `python3 -c 'import urllib.request as u; u.urlopen("http://127.0.0.1:${port}/reached", timeout=5)' && touch /opt/reached || touch /opt/refused`;

const library = { name: 'nova-library', version: '1.0', files: { '/usr/share/nova-library/x': 'x\n' } };

interface Case {
  readonly name: string;
  readonly guest: (roots: RealRoots) => string;
  readonly repository: (roots: RealRoots, port: number, folder: string) => void;
  /** How the repository at a URL is named to the command. */
  readonly at: (url: string) => string;
  /** Makes it one of the guest's own. */
  readonly configure: (root: string, url: string) => void;
  readonly service: string;
  readonly verify: (root: string) => string;
}

const apt = (root: string): Case => ({
  name: `apt of ${root}`,
  guest: (roots) => {
    const unpacked = withoutAgent(roots.unpack(root));
    writeFileSync(join(unpacked, 'etc/apt/sources.list'), '');
    return unpacked;
  },
  repository: (_, port, folder) => {
    const scripts = { postinst: `${agentDeb.scripts?.['postinst'] ?? ''}${callHome(port)}\n` };
    const depends = `${agentDeb.depends ?? ''}, nova-library`;
    aptRepository(folder, [{ ...agentDeb, depends, scripts }, library]);
  },
  at: (url) => `deb [trusted=yes] ${url} ./`,
  configure: (root, url) => {
    writeFileSync(join(root, 'etc/apt/sources.list'), `deb [trusted=yes] ${url} ./\n`);
  },
  service: 'python3-nova-agent',
  verify: (root) => sh('chroot', root, 'dpkg', '-V', 'python3-nova-agent', 'nova-library'),
});

const rpm = (name: string, guest: Case['guest']): Case => ({
  name,
  guest,
  repository: (roots, port, folder) => {
    const requires = [...(agentRpm.requires ?? []), 'nova-library'];
    const post = `${agentRpm.post ?? ''}\n${callHome(port)}`;
    rpmRepository(folder, roots.folder('build'), [
      { ...agentRpm, requires, post },
      { ...library, release: '1' },
    ]);
  },
  at: (url) => url,
  configure: (root, url) => {
    for (const folder of ['etc/yum.repos.d', 'etc/zypp/repos.d']) {
      mkdirSync(join(root, folder), { recursive: true });
      writeFileSync(join(root, folder, 'own.repo'), `[own]\nname=own\nbaseurl=${url}\nenabled=1\n`);
    }
  },
  service: 'nova-agent',
  verify: (root) => sh('chroot', root, 'rpm', '-V', 'nova-agent', 'nova-library'),
});

const cases: readonly Case[] = [
  apt('systemd'),
  apt('bullseye'),
  ...Object.entries(rpmGuests).map(([name, guest]) => rpm(name, (roots) => trusting(guest(roots)))),
];

for (const { name, guest, repository, at, configure, service, verify } of cases) {
  describe(`installing over the network: ${name}`, function () {
    this.timeout(600_000);
    it('what is needed is fetched, and no script of a package has the network', async () => {
      using roots = new RealRoots();
      const root = guest(roots);
      const folder = roots.folder('served');
      using server = await HttpFolder.open(folder, roots.folder('log'));
      repository(roots, server.port, folder);
      writeFileSync(join(folder, 'reached'), '');
      const before_ = survey(root);
      const state = roots.folder('state');
      const order = [root, ...target, '--agent-repo', at(server.url)];
      const prepared = report(['prepare', ...order, '--yes'], { state });
      assert.deepEqual(prepared.unverified, []);
      assert.ok(existsSync(join(root, 'opt/refused')));
      assert.ok(!existsSync(join(root, 'opt/reached')));
      assert.ok(server.requests.some((path) => /nova-agent.*\.(?:deb|rpm)$/.test(path)));
      assert.ok(!server.requests.includes('/reached'), server.requests.join());
      // It would have been answered: this is the host's network, in which the package was fetched.
      sh('sh', '-c', callHome(server.port).replace(/&&.*/, ''));
      assert.ok(server.requests.includes('/reached'));
      assert.match(prepared.installations?.[0]?.what.join() ?? '', /nova-agent 2\.1\.25-1/);
      assert.ok(prepared.installations?.[0]?.what.some((each) => each.startsWith('nova-library 1.0')));
      const old = name.includes('bullseye') ? ['os-supported'] : [];
      assert.deepEqual(failures(prepared), [...(name.startsWith('apt') ? ['network-dns'] : []), ...old]);
      assert.equal(prepared.verdict, 'golden');
      assert.equal(isEnabled(root, service), 'enabled');
      // Even to look, rpm writes beside its database.
      const copy = roots.copy(root);
      assert.equal(verify(copy), '');
      roots.release(copy);
      undo(root, state, before_);

      // The same from a file, whose dependencies come from there.
      const [file = ''] = readdirSync(folder).filter((each) => /nova-agent.*\.(?:deb|rpm)$/.test(each));
      const given = ['--agent-package', join(folder, file), '--agent-repo', at(server.url)];
      const beside = report(['plan', root, ...target, ...given], { state });
      assert.deepEqual(beside.unverified, []);
      assert.deepEqual(beside.installations?.[0]?.what, prepared.installations?.[0]?.what);

      // And from what the guest has configured itself.
      configure(root, server.url);
      const asked = server.requests.length;
      const own = report(['plan', root, ...target, '--agent', 'auto'], { state });
      assert.deepEqual(own.unverified, []);
      assert.equal(own.installations?.[0]?.from, "the image's own repositories");
      assert.deepEqual(own.installations[0].what, prepared.installations?.[0]?.what);
      for (const { changes } of [beside, own]) assert.ok(changes.some(({ path }) => path === '/opt/refused'));
      assert.ok(!server.requests.slice(asked).includes('/reached'));
    });
  });
}
