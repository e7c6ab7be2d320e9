import assert from 'node:assert/strict';
import { factsOf } from '../../../../images/guest/fact.js';
import { agentNetwork } from '../../../../images/guest/network/agent-network.js';
import { networkAtBoot } from '../../../../images/guest/network/at-boot.js';
import { nameService } from '../../../../images/guest/network/name-service.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { services } from '../../../../images/guest/init/services.js';
import { exampleGuestFiles } from '../../../guests/example-guests.js';
import { assertDeclared } from '../../../support/declared.js';

type Files = Record<string, MemoryNode>;

const units = '/lib/systemd/system';
const own = '/etc/systemd/system';
const wants = `${own}/multi-user.target.wants`;
const program: MemoryNode = { content: '#!/bin/sh\n', mode: 0o755 };
const base: Files = exampleGuestFiles['debian-12'];
const unit = (name: string, exec = `/usr/sbin/${name}`): Files => ({
  [`${units}/${name}.service`]: `[Service]\nExecStart=${exec}\n[Install]\nWantedBy=multi-user.target\n`,
});
const enabled = (name: string, exec?: string): Files => ({
  ...unit(name, exec),
  [`${wants}/${name}.service`]: { link: `${units}/${name}.service` },
});
const without = (files: Files, ...gone: string[]): Files =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !gone.some((each) => path.startsWith(each))));

const disabled = without(base, `${wants}/networking.service`);
const generator = '/usr/lib/systemd/system-generators/netplan';
const netplan: Files = {
  ...base,
  '/usr/sbin/netplan': program,
  [generator]: program,
  ...unit('systemd-networkd'),
};
const redhat = (id: string, version: string): Files => ({
  ...without(base, '/etc/debian_version', '/etc/network', `${units}/networking`, `${wants}/networking`),
  '/etc/os-release': `ID=${id}\nVERSION_ID="${version}"\nNAME=x\nID_LIKE="rhel fedora"\n`,
  '/etc/redhat-release': `x release ${version}\n`,
});
const plugin = '/usr/lib64/NetworkManager/1.40/libnm-settings-plugin-ifcfg-rh.so';

async function faultOf(files: Files): Promise<string> {
  const found = await factsOf(memoryImage(files))(networkAtBoot);
  return found?.fault ? `${found.fault.kind} ${found.fault.what}` : 'none';
}

describe('guest/network-at-boot', () => {
  it('asks whether the program of the service can be executed', async () => {
    const files = { ...without(base, `${units}/networking`), ...unit('networking', '/opt/ifup -a') };
    const obstaclesOf = async (more: Files): Promise<readonly string[]> => {
      const image = memoryImage({ ...files, ...more });
      await assertDeclared(
        [...networkAtBoot.inputs, ...agentNetwork.inputs, ...services.inputs],
        image,
        (watched) => factsOf(watched)(networkAtBoot),
      );
      return (await factsOf(image)(networkAtBoot))?.obstacles.map(({ because }) => because) ?? [];
    };
    assert.match((await obstaclesOf({})).join(), /\/opt\/ifup/);
    assert.deepEqual(await obstaclesOf({ '/opt/ifup': program }), []);
  });

  const cases: [string, Files, string][] = [
    ['ifupdown', base, 'none'],
    ['ifupdown that is disabled', disabled, 'not-enabled networking.service'],
    [
      'ifupdown that is masked',
      { ...base, [`${own}/networking.service`]: { link: '/dev/null' } },
      'masked networking.service',
    ],
    [
      'a link of runlevel S, which systemd passes over',
      {
        ...disabled,
        '/etc/init.d/networking': program,
        '/etc/rcS.d/S12networking': { link: '../init.d/networking' },
      },
      'not-enabled networking.service',
    ],
    [
      'an init script of runlevel S',
      {
        ...exampleGuestFiles['debian-6'],
        '/etc/debian_version': '6.0.10\n',
        '/etc/network/interfaces': 'auto lo\n',
        '/etc/init.d/networking': program,
        '/etc/rcS.d/S12networking': { link: '../init.d/networking' },
      },
      'none',
    ],
    ['no ifupdown', without(disabled, `${units}/networking.service`), 'absent networking'],
    ['a unit that runs ifup', { ...disabled, ...enabled('net-up', '/sbin/ifup -a') }, 'none'],
    [
      'a line of rc.local',
      { ...disabled, '/etc/rc.local': { content: '#!/bin/sh\nifup -a\n', mode: 0o755 } },
      'none',
    ],
    [
      'a line of rc.local that is not run',
      { ...disabled, '/etc/rc.local': '#!/bin/sh\nifup -a\n' },
      'not-enabled networking.service',
    ],
    [
      'NetworkManager that takes ifupdown’s files',
      {
        ...disabled,
        ...enabled('NetworkManager'),
        '/etc/NetworkManager/NetworkManager.conf': '[main]\nplugins=ifupdown\n[ifupdown]\nmanaged=true\n',
      },
      'none',
    ],
    [
      'NetworkManager that leaves them alone',
      {
        ...disabled,
        ...enabled('NetworkManager'),
        '/etc/NetworkManager/NetworkManager.conf': '[ifupdown]\nmanaged=false\n',
      },
      'not-enabled networking.service',
    ],
    ['netplan, whose generator starts networkd', netplan, 'none'],
    [
      'netplan with networkd masked',
      { ...netplan, [`${own}/systemd-networkd.service`]: { link: '/dev/null' } },
      'masked systemd-networkd.service',
    ],
    ['netplan without networkd', without(netplan, `${units}/systemd-networkd`), 'absent systemd-networkd'],
    ['netplan without its generator', without(netplan, generator), `no-generator ${generator}`],
    [
      'netplan with its generator not executable',
      { ...netplan, [generator]: '#!/bin/sh\n' },
      `no-generator ${generator}`,
    ],
    [
      'netplan with its generator masked',
      { ...netplan, '/etc/systemd/system-generators/netplan': { link: '/dev/null' } },
      'no-generator /etc/systemd/system-generators/netplan',
    ],
    ['CentOS 7 with the network script', { ...redhat('centos', '7'), ...enabled('network') }, 'none'],
    [
      'CentOS 7 with it disabled',
      { ...redhat('centos', '7'), ...unit('network') },
      'not-enabled network.service',
    ],
    [
      'CentOS 7 with NetworkManager alone',
      { ...redhat('centos', '7'), ...enabled('NetworkManager') },
      'absent network',
    ],
    [
      'Rocky 8 with NetworkManager',
      { ...redhat('rocky', '8.9'), ...enabled('NetworkManager'), [plugin]: '' },
      'none',
    ],
    ['Rocky 8 with it disabled', { ...redhat('rocky', '8.9'), ...unit('NetworkManager') }, 'absent network'],
    [
      'Rocky 8 with neither enabled',
      { ...redhat('rocky', '8.9'), ...unit('NetworkManager'), ...unit('network') },
      'not-enabled network.service',
    ],
    [
      'a NetworkManager that reads no ifcfg files',
      {
        ...redhat('rocky', '10.0'),
        ...enabled('NetworkManager'),
        '/usr/lib64/NetworkManager/1.52/libnm-device-plugin-wifi.so': '',
      },
      'not-read NetworkManager',
    ],
  ];
  for (const [name, files, expected] of cases) {
    it(`${expected === 'none' ? 'is well' : 'fails'}: ${name}`, async () => {
      assert.equal(await faultOf(files), expected);
    });
  }

  it('knows what the agent writes by the files that it goes by', async () => {
    const writes = async (files: Files): Promise<unknown> =>
      (await factsOf(memoryImage(files))(agentNetwork)).writes;
    assert.equal(await writes(base), 'interfaces');
    assert.equal(await writes(netplan), 'netplan');
    assert.equal(await writes({ ...base, '/etc/centos-release': 'CentOS\n' }), 'ifcfg');
    assert.equal(await writes(redhat('ol', '9')), 'ifcfg');
    assert.equal(
      await writes({ ...without(base, '/etc/debian_version'), '/etc/os-release': 'ID=arch\nNAME=Arch\n' }),
      undefined,
    );
  });
});

describe('guest/name-service', () => {
  const resolv = '/etc/resolv.conf';
  const hook = '/etc/network/if-up.d';
  const bare = without(base, '/sbin/resolvconf', hook);
  const cases: [string, Files, string[], boolean, string | undefined][] = [
    ['resolvconf', base, [], false, undefined],
    [
      'a hook without its program',
      without(base, '/sbin/resolvconf'),
      ['cloud-init', 'nova-agent'],
      false,
      undefined,
    ],
    ['nothing', bare, ['cloud-init', 'nova-agent'], false, undefined],
    [
      'nothing but fixed servers',
      { ...bare, [resolv]: 'nameserver 192.0.2.1\n' },
      ['cloud-init', 'nova-agent'],
      true,
      undefined,
    ],
    [
      'a file without servers',
      { ...bare, [resolv]: '# nameserver 192.0.2.1\n' },
      ['cloud-init', 'nova-agent'],
      false,
      undefined,
    ],
    [
      'systemd-resolved’s hook',
      { ...bare, [`${hook}/resolved`]: program, ...enabled('systemd-resolved') },
      [],
      false,
      undefined,
    ],
    [
      'the hook, but not systemd-resolved',
      { ...bare, [`${hook}/resolved`]: program },
      ['cloud-init', 'nova-agent'],
      false,
      undefined,
    ],
    [
      'netplan with systemd-resolved',
      {
        ...netplan,
        ...enabled('systemd-resolved'),
        [resolv]: { link: '../run/systemd/resolve/stub-resolv.conf' },
      },
      [],
      false,
      undefined,
    ],
    [
      'netplan without it',
      { ...netplan, [resolv]: { link: '../run/systemd/resolve/stub-resolv.conf' } },
      ['nova-agent'],
      false,
      '../run/systemd/resolve/stub-resolv.conf',
    ],
    [
      'a link to resolvconf’s file',
      { ...base, [resolv]: { link: '/run/resolvconf/resolv.conf' } },
      [],
      false,
      undefined,
    ],
    ['a link to nothing', { ...base, [resolv]: { link: '/nowhere' } }, [], false, '/nowhere'],
  ];
  for (const [name, files, unheard, fixed, dangling] of cases) {
    it(`is known: ${name}`, async () => {
      const missing = !(resolv in files);
      assert.deepEqual(await factsOf(memoryImage(files))(nameService), { unheard, fixed, missing, dangling });
    });
  }
});
