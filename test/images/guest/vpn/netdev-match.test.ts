import assert from 'node:assert/strict';
import { factsOf } from '../../../../images/guest/fact.js';
import { initModules } from '../../../../images/guest/init/init-modules.js';
import { vpnsFrom } from '../../../../images/guest/vpn/vpns.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { assertDeclared } from '../../../support/declared.js';
import { enabled, guestOf, realServices } from '../../../support/vpn-guests.js';

const vpns = vpnsFrom(realServices('systemd'));

const guestWith = (...match: string[]): Record<string, MemoryNode> => ({
  ...guestOf('systemd', enabled('systemd-networkd.service')),
  '/lib64/ld-linux-x86-64.so.2': 'x',
  '/lib/modules/6.1.0-18-amd64/modules.dep': '',
  '/boot/loader/entries/a.conf': 'title x\nversion 1\nlinux /vmlinuz\noptions root=/dev/xvda1 quiet\n',
  '/etc/systemd/network/a.netdev': `[Match]\n${match.map((line) => `${line}\n`).join('')}[NetDev]\nName=wg7\nKind=wireguard\n`,
});

describe('guest/vpns: [Match] of a netdev', () => {
  const cases: readonly (readonly [created: boolean, ...match: string[]])[] = [
    [true],
    [true, 'Virtualization=xen'],
    [true, 'Virtualization=vm'],
    [true, 'Virtualization=yes'],
    [true, 'Virtualization=!container'],
    [true, 'Virtualization=!kvm'],
    [false, 'Virtualization=kvm'],
    [false, 'Virtualization=container'],
    [false, 'Virtualization=no'],
    [false, 'Virtualization=!xen'],
    [false, 'Virtualization=!vm'],
    // Of several, the last; an empty one asks nothing.
    [true, 'Virtualization=kvm', 'Virtualization=xen'],
    [false, 'Virtualization=xen', 'Virtualization=kvm'],
    [true, 'Virtualization=kvm', 'Virtualization='],
    [false, 'Virtualization=xen', 'Architecture=arm64'],
    [true, 'Architecture=x86-64'],
    [true, 'Architecture=!arm64'],
    [true, 'KernelVersion=>=5.10'],
    [false, 'KernelVersion=<5.10'],
    [true, 'KernelVersion=!<5.10'],
    [true, 'KernelCommandLine=quiet'],
    [false, 'KernelCommandLine=!quiet'],
    [false, 'KernelCommandLine=vpn'],
    // Only the running server knows.
    [true, 'Host=office'],
    [true, 'Host=!office'],
    [true, 'Firmware=uefi'],
    // No such key: systemd-networkd passes over it.
    [true, 'Virtualisation=kvm'],
  ];
  for (const [created, ...match] of cases) {
    it(`${created ? 'makes' : 'makes no'} device with ${match.join(', ') || 'nothing'}`, async () => {
      const found = await factsOf(memoryImage(guestWith(...match)))(vpns);
      assert.deepEqual(
        found.map(({ product, name }) => `${product} ${name}`),
        created ? ['wireguard wg7'] : [],
      );
    });
  }

  it('declares what it reads', async () => {
    const image = memoryImage(
      guestWith('Virtualization=xen', 'KernelCommandLine=quiet', 'KernelVersion=6.*'),
    );
    const inputs = [...vpns.inputs, ...initModules.systemd.inputs];
    await assertDeclared(inputs, image, async (watched) => factsOf(watched)(vpns));
  });
});
