import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { openDirectory } from '../../images/image/directory.js';
import { systemdServices } from '../../images/guest/init/systemd/index.js';
import type { Service, Services } from '../../images/guest/init/service.js';
import type { MemoryNode } from '../../images/image/memory.js';
import { Workspace, carryOut, install, requireTools, treeOf } from './systemd-root.js';

const workspace = new Workspace();
const lib = '/usr/lib/systemd/system';
const etc = '/etc/systemd/system';
const service = '[Service]\nExecStart=/bin/true\n';
const unit = (...lines: string[]): string =>
  `[Unit]\nDescription=test\n${service}[Install]\n${lines.join('\n')}\n`;

/** Units made for a corner each, beside those that Debian brings. */
const synthetic: Readonly<Record<string, MemoryNode>> = {
  [`${lib}/t-plain.service`]: unit('WantedBy=multi-user.target'),
  [`${lib}/t-two.service`]: unit(
    'WantedBy=multi-user.target graphical.target',
    'RequiredBy=network-online.target',
  ),
  [`${lib}/t-reset.service`]: unit('WantedBy=graphical.target', 'WantedBy=', 'WantedBy=multi-user.target'),
  [`${lib}/t-alias.service`]: unit('WantedBy=multi-user.target', 'Alias=t-other.service t-third.service'),
  [`${lib}/t-badalias.service`]: unit('WantedBy=multi-user.target'),
  [`${lib}/t-also.service`]: unit('WantedBy=multi-user.target', 'Also=t-also.socket t-plain.service'),
  [`${lib}/t-also.socket`]: '[Socket]\nListenStream=/run/t\n[Install]\nWantedBy=sockets.target\n',
  [`${lib}/t-onlyalso.service`]: unit('Also=t-also.socket'),
  [`${lib}/t-onlyalias.service`]: unit('Alias=t-display.service'),
  [`${lib}/t-inst@.service`]: unit('WantedBy=multi-user.target', 'DefaultInstance=one'),
  [`${lib}/t-tmpl@.service`]: unit('WantedBy=multi-user.target'),
  [`${lib}/t-spec@.service`]: unit('WantedBy=%p-%i.target', 'DefaultInstance=x'),
  [`${lib}/t-bytemplate@.service`]: unit('RequiredBy=t-tmpl@.service', 'DefaultInstance=q'),
  [`${lib}/t-static.service`]: service,
  [`${lib}/t-dropin.service`]: service,
  [`${etc}/t-dropin.service.d/install.conf`]: '[Install]\nWantedBy=multi-user.target\n',
  [`${lib}/t-enabled.service`]: unit('WantedBy=multi-user.target'),
  [`${etc}/multi-user.target.wants/t-enabled.service`]: { link: '/lib/systemd/system/t-enabled.service' },
  [`${lib}/t-elsewhere.service`]: unit('WantedBy=multi-user.target'),
  [`${etc}/rescue.target.wants/t-elsewhere.service`]: { link: '/lib/systemd/system/t-elsewhere.service' },
  [`${lib}/t-masked.service`]: unit('WantedBy=multi-user.target'),
  [`${etc}/t-masked.service`]: { link: '/dev/null' },
  [`${lib}/t-vendormask.service`]: { link: '/dev/null' },
  [`${etc}/t-local.service`]: unit('WantedBy=multi-user.target'),
  [`${etc}/t-override.service`]: unit('WantedBy=graphical.target'),
  [`${lib}/t-override.service`]: unit('WantedBy=multi-user.target'),
  '/usr/share/t/t-linked.service': unit('WantedBy=multi-user.target'),
  [`${etc}/t-linked.service`]: { link: '/usr/share/t/t-linked.service' },
  [`${lib}/t-named.service`]: unit('WantedBy=multi-user.target', 'Alias=t-byname.service'),
  [`${etc}/t-byname.service`]: { link: '/lib/systemd/system/t-named.service' },
  [`${etc}/multi-user.target.wants/t-named.service`]: { link: '/lib/systemd/system/t-named.service' },
  '/usr/local/lib/systemd/system/t-siteunit.service': unit('WantedBy=multi-user.target'),
};

const inEtc = Object.fromEntries(Object.entries(synthetic).filter(([path]) => path.startsWith(etc)));

const real = [
  'ssh.service',
  'networking.service',
  'openvpn.service',
  'openvpn@.service',
  'getty@.service',
  'serial-getty@.service',
  'console-getty.service',
  'systemd-networkd.service',
  'systemd-timesyncd.service',
  'systemd-pstore.service',
  'e2scrub_reap.service',
  'cloud-init.service',
  'cloud-init-local.service',
  'cloud-final.service',
  'debug-shell.service',
  'systemd-logind.service',
  'rc-local.service',
];

const names = [
  ...real,
  ...new Set(
    Object.keys(synthetic)
      .map((path) => /\/(t-[^/]*\.service)$/.exec(path)?.[1])
      .filter((name) => name !== undefined && name !== 't-byname.service') as string[],
  ),
];

/** Init scripts of the same name make systemctl run update-rc.d, which is no business of units. */
async function fresh(name: string): Promise<string> {
  const root = await workspace.skeleton(name);
  await $`rm -rf ${root}/etc/init.d`.quiet();
  await install(root, synthetic);
  return root;
}

async function systemctl(root: string, verb: string, ...names: readonly string[]): Promise<string> {
  const result = await $({ nothrow: true, quiet: true })`systemctl --root=${root} ${verb} ${names}`;
  return result.stdout.trim() || result.stderr.trim();
}

async function servicesOf(root: string): Promise<Services> {
  return systemdServices(openDirectory(root));
}

describe('systemd, against systemctl --root', function () {
  this.timeout(300_000);
  before(() => requireTools('systemctl'));
  after(() => workspace.close());

  for (const verb of ['enable', 'disable'] as const) {
    describe(verb, () => {
      let ours: string;
      let theirs: string;
      before(async () => {
        ours = await fresh('ours');
        theirs = await fresh('theirs');
      });
      // One copy of each is enough when the one folder that changes is put back.
      beforeEach(async () => {
        const pristine = join(await workspace.pristine(), etc);
        for (const root of [ours, theirs]) {
          await rm(join(root, etc), { recursive: true });
          await cp(pristine, join(root, etc), { recursive: true, verbatimSymlinks: true });
          await install(root, inEtc);
        }
      });

      for (const name of names) {
        it(`makes the same links for ${name}`, async function () {
          const services = await servicesOf(ours);
          const found = services.find(name);
          if (!found) {
            // What Debian's packages bring may change; that we find nothing where systemctl does may not.
            assert.match(await systemctl(theirs, 'is-enabled', name), /No such file|not-found/);
            return;
          }
          if (verb === 'enable' && found.state === 'masked') await systemctl(theirs, 'unmask', name);
          await systemctl(theirs, verb, name);
          // Of a unit that says nothing of what is to start it, systemctl makes no link that does.
          const trees = await Promise.all(
            [etc, 'usr/lib/systemd/system'].map((part) => treeOf(join(theirs, part))),
          );
          const isWanted = trees.some((tree) =>
            Object.keys(tree).some((path) => path.endsWith(`.wants/${name}`)),
          );
          if (verb === 'enable' && !isWanted) await systemctl(theirs, 'add-wants', 'multi-user.target', name);
          const changes = await services[verb](found);
          await carryOut(ours, changes);
          assert.deepEqual(await treeOf(join(ours, etc)), await treeOf(join(theirs, etc)));
        });
      }
    });
  }

  it('comes back to where it was: disable undoes enable', async () => {
    const root = await fresh('ours');
    const before = await treeOf(join(root, etc));
    const services = await servicesOf(root);
    const found = services.find('t-plain')!;
    await carryOut(root, await services.enable(found));
    const enabled = await servicesOf(root);
    assert.equal(enabled.find('t-plain')?.state, 'enabled');
    await carryOut(root, await enabled.disable(found));
    assert.deepEqual(await treeOf(join(root, etc)), before);
  });

  it('agrees with is-enabled on every service of the root', async () => {
    const root = await fresh('ours');
    const services = await servicesOf(root);
    assert.ok(services.all.length > 120);
    const differences: string[] = [];
    const asked = services.all.filter(
      ({ id }) => id !== 't-vendormask.service' && id !== 't-elsewhere.service',
    );
    const ids = asked.map(({ id }) => id);
    const words = (await $({ nothrow: true, quiet: true })`systemctl --root=${root} is-enabled ${ids}`).stdout
      .trim()
      .split('\n');
    assert.equal(words.length, ids.length);
    for (const [index, { id, state }] of asked.entries()) {
      const word = words[index] ?? '';
      if (!agrees(state, word)) differences.push(`${id}: we say ${state}, systemctl says ${word}`);
    }
    assert.deepEqual(differences, []);
    assert.equal(await systemctl(root, 'is-enabled', 't-elsewhere.service'), 'enabled');
    assert.equal(services.find('t-elsewhere')?.state, 'disabled');
    assert.equal(services.find('t-vendormask')?.state, 'masked');
  });
});

/**
 * systemctl tells what the unit's own [Install] links say; we tell what the boot does. So a unit that another one
 * pulls in is enabled to us and static, disabled or indirect to systemctl; and one whose link lies in a target that
 * the boot does not reach is enabled to systemctl alone (`t-elsewhere`).
 */
function agrees(state: Service['state'], word: string): boolean {
  const allowed: Readonly<Record<Service['state'], readonly string[]>> = {
    enabled: ['enabled', 'enabled-runtime', 'static', 'disabled', 'indirect', 'alias', 'generated'],
    disabled: ['disabled', 'indirect', 'linked'],
    masked: ['masked'],
    static: ['static'],
  };
  return allowed[state].includes(word);
}
