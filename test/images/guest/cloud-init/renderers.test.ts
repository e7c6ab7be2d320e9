import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type CloudInitNetwork,
  cloudInitNetwork,
  takeInOwnFile,
} from '../../../../images/guest/cloud-init/network.js';
import { type Gatherable, factsOf } from '../../../../images/guest/fact.js';
import { type OsFamily, os } from '../../../../images/guest/os.js';
import { services } from '../../../../images/guest/init/services.js';
import type { Service } from '../../../../images/guest/init/service.js';
import type { Image } from '../../../../images/image/image.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import { assertDeclared } from '../../../support/declared.js';
import { aService, anOs, someServices } from '../../../support/facts.js';

type Files = Record<string, MemoryNode>;

const program = { content: '#!/bin/sh\n', mode: 0o755 };
const programs = (...paths: string[]): Files => Object.fromEntries(paths.map((path) => [path, program]));
const ifupdown: Files = {
  ...programs('/sbin/ifup', '/sbin/ifdown', '/sbin/ifquery', '/sbin/route'),
  '/etc/network/interfaces': 'source /etc/network/interfaces.d/*\n',
};
const iproute = programs('/bin/ip', '/bin/systemctl');
const scripts: Files = {
  ...programs('/usr/sbin/ifup', '/usr/sbin/ifdown'),
  '/etc/sysconfig/network-scripts/network-functions': '',
};
const unit = (name: string, state: Service['state'] = 'enabled'): Service => aService({ name, state });
const package_: Files = {
  '/usr/lib/python3/dist-packages/cloudinit/__init__.py': '',
  '/usr/lib/python3/dist-packages/cloudinit/net/eni.py': '',
};
const own = '/etc/network/interfaces.d/50-cloud-init';

interface Guest {
  readonly family?: OsFamily;
  readonly units?: readonly Service[];
  readonly system?: 'systemd' | 'sysv';
}

async function networkOf(
  files: Files | Image,
  { family = 'debian', units = [], system = 'systemd' }: Guest = {},
): Promise<CloudInitNetwork> {
  const known = new Map<unknown, unknown>([
    [os, anOs({ family })],
    [services, someServices({ system, all: units })],
  ]);
  const gather = (image: Image): Promise<CloudInitNetwork> =>
    cloudInitNetwork.gather(image, async <T>(asked: Gatherable<T>) =>
      known.has(asked) ? (known.get(asked) as T) : factsOf(image)(asked),
    );
  if ('lstat' in files && typeof files.lstat === 'function') return gather(files as Image);
  const image = memoryImage(files as Files);
  await assertDeclared(cloudInitNetwork.inputs, image, gather);
  return gather(image);
}

describe('guest/cloud-init: what it configures the network for', () => {
  const cfg = (list: string): Files => ({
    '/etc/cloud/cloud.cfg': `users: []\nsystem_info:\n  network:\n    renderers: ${list}\n`,
  });
  const cases: readonly [string, Files, CloudInitNetwork['renderer'], Guest?][] = [
    ['ifupdown', { ...ifupdown, ...iproute }, 'eni'],
    [
      'ifupdown without its file',
      { ...ifupdown, '/etc/network/interfaces': { type: 'directory' } },
      undefined,
    ],
    ['ifupdown without ifquery', { ...ifupdown, '/sbin/ifquery': { content: '', mode: 0o644 } }, undefined],
    ['systemd alone', iproute, 'networkd'],
    ['nothing', {}, undefined],
    ['the network scripts', { ...scripts, ...iproute }, 'sysconfig', { family: 'redhat' }],
    ['the network scripts, on another family', { ...scripts }, undefined],
    [
      'NetworkManager that reads their files',
      { '/usr/lib64/NetworkManager/1.40/libnm-settings-plugin-ifcfg-rh.so': '' },
      'sysconfig',
      { family: 'redhat' },
    ],
    ['netplan', { ...programs('/usr/sbin/netplan'), ...iproute }, 'netplan'],
    ['NetworkManager', programs('/usr/bin/nmcli'), 'network-manager', { units: [unit('NetworkManager')] }],
    [
      'NetworkManager that only another unit requires: systemctl is-enabled says disabled',
      { ...programs('/usr/bin/nmcli'), ...iproute },
      'networkd',
      {
        units: [
          aService({
            name: 'NetworkManager',
            state: 'enabled',
            evidence: [{ path: '/lib/systemd/system/NetworkManager-wait-online.service', line: 4 }],
          }),
        ],
      },
    ],
    [
      'NetworkManager that is not enabled',
      programs('/usr/bin/nmcli'),
      undefined,
      { units: [unit('NetworkManager', 'disabled')] },
    ],
    [
      'the first of the list that is in force',
      { ...ifupdown, ...programs('/usr/sbin/netplan'), ...cfg('[netplan, eni]') },
      'netplan',
    ],
    ['the list alone', { ...ifupdown, ...cfg('[netplan, networkd]') }, undefined],
    ['a list with those of others', { ...ifupdown, ...cfg('[freebsd, eni]') }, 'eni'],
    ['a list that cloud-init fails over', { ...ifupdown, ...cfg('[eni, nonsense]') }, undefined],
    ['a release that has not heard of it', { ...iproute, ...package_ }, undefined],
  ];
  for (const [name, files, expected, guest] of cases) {
    it(`${name}: ${expected ?? 'none'}`, async () => {
      assert.equal((await networkOf(files, guest)).renderer, expected);
    });
  }

  it('says where the order is from', async () => {
    const found = await networkOf(cfg('[netplan]'));
    assert.deepEqual(found.order, ['netplan']);
    assert.deepEqual(found.orderFrom, { path: '/etc/cloud/cloud.cfg', line: 4 });
    assert.equal((await networkOf({})).orderFrom, undefined);
    assert.equal((await networkOf({}, { family: 'arch' })).known, false);
  });

  it('counts on a service that must start', async () => {
    const off = await networkOf(iproute, { units: [unit('systemd-networkd', 'disabled')] });
    assert.deepEqual([off.starter, off.started], ['systemd-networkd', false]);
    const on = await networkOf(iproute, { units: [unit('systemd-networkd')] });
    assert.equal(on.started, true);
    const none = await networkOf(ifupdown);
    assert.deepEqual([none.starter, none.started, none.starters], [undefined, false, ['networking']]);
  });

  it('leaves it to netplan to start systemd-networkd, but for a mask', async () => {
    const files = programs('/usr/sbin/netplan');
    for (const [state, started] of [
      ['disabled', true],
      ['masked', false],
    ] as const) {
      const found = await networkOf(files, { units: [unit('systemd-networkd', state)] });
      assert.deepEqual([found.renderer, found.started], ['netplan', started]);
    }
  });

  it('needs route(8) for ifupdown alone', async () => {
    assert.equal((await networkOf(ifupdown)).lacksRoute, false);
    const without = { ...ifupdown, '/sbin/route': { content: '#!/bin/sh\n', mode: 0o644 } };
    assert.equal((await networkOf(without)).lacksRoute, true);
    assert.equal((await networkOf(iproute)).lacksRoute, false);
  });

  for (const [line, isTakenIn] of [
    ['source /etc/network/interfaces.d/*', true],
    ['source interfaces.d/*', true],
    ['source /etc/network/interfaces.d/50-*', true],
    ['source-directory /etc/network/interfaces.d', true],
    ['source-directory interfaces.d', true],
    ['source /etc/network/*/*', true],
    ['source /etc/network/interfaces.d/*.cfg', false],
    ['source /etc/network/interfaces.d', false],
    ['# source /etc/network/interfaces.d/*', false],
    ['source /etc/network/more.d/*', false],
    ['', false],
  ] as const) {
    it(`${isTakenIn ? 'is' : 'is not'} read by way of ${JSON.stringify(line)}`, async () => {
      const files = { ...ifupdown, '/etc/network/interfaces': `auto lo\n${line}\n` };
      assert.equal((await networkOf(files)).notTakenIn, isTakenIn ? undefined : own);
      const image = memoryImage(files);
      const changes = await takeInOwnFile(image);
      assert.equal(changes.length, isTakenIn ? 0 : 1);
      const after = await overlay(image, changes);
      assert.equal((await networkOf(after)).notTakenIn, undefined);
      assert.deepEqual(await takeInOwnFile(after), []);
    });
  }

  it('knows the name that an earlier release gives the file', async () => {
    const source = 'network_conf_fn = {"eni": "/etc/network/interfaces.d/50-cloud-init.cfg"}\n';
    const files = {
      ...ifupdown,
      ...package_,
      '/usr/lib/python3/dist-packages/cloudinit/distros/debian.py': source,
      '/etc/network/interfaces': 'source-directory /etc/network/interfaces.d\n',
    };
    assert.equal((await networkOf(files)).notTakenIn, `${own}.cfg`);
  });

  it('reads through another file', async () => {
    const files = {
      ...ifupdown,
      '/etc/network/interfaces': 'source /etc/network/interfaces.d/more',
      '/etc/network/interfaces.d/more': 'source /etc/network/interfaces.d/50*\n',
    };
    assert.equal((await networkOf(files)).notTakenIn, undefined);
  });

  it('never throws, whatever the list of renderers is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const found = await networkOf({
          ...ifupdown,
          '/etc/cloud/cloud.cfg': JSON.stringify({ system_info: { network: { renderers: value } } }),
        });
        assert.ok(found.renderer === undefined || found.order.includes(found.renderer));
      }),
      { numRuns: 50, examples: [[[{ toString: 0 }]]] },
    );
  });

  it('is computed with the guest’s own services', async () => {
    const image = memoryImage({ '/etc/debian_version': '12.1\n', '/sbin/init': program });
    await assert.rejects(factsOf(image)(cloudInitNetwork), /init system unknown/);
  });
});
