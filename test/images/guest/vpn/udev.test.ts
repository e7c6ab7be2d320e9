import assert from 'node:assert/strict';
import { factsOf } from '../../../../images/guest/fact.js';
import { initModules } from '../../../../images/guest/init/init-modules.js';
import { parseRules } from '../../../../images/guest/vpn/udev-rules.js';
import { vpnsFrom } from '../../../../images/guest/vpn/vpns.js';
import type { Change } from '../../../../images/image/image.js';
import { memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import { assertDeclared } from '../../../support/declared.js';
import { type Files, guestOf, link, realServices, unit } from '../../../support/vpn-guests.js';

const vpns = vpnsFrom(realServices('systemd'));
const path = '/etc/udev/rules.d/90-vpn.rules';

const myv: Files = {
  '/etc/systemd/system/myv.service': unit('/usr/sbin/openvpn --config /etc/x.conf'),
  '/etc/systemd/system/other.service': unit('/bin/true'),
  '/usr/lib/systemd/system/wg-quick@.service': unit('/usr/bin/wg-quick up %i'),
};

const card = 'ACTION=="add", SUBSYSTEM=="net", KERNEL=="eth0"';

describe('guest/vpns: rules of udev', () => {
  const faults: [name: string, rules: string, expected: string[]][] = [
    ['a unit that a card wants', `${card}, ENV{SYSTEMD_WANTS}+="myv.service"`, ['openvpn myv :1']],
    [
      'a unit that any device wants',
      'SUBSYSTEM=="xen", TAG+="systemd", ENV{SYSTEMD_WANTS}="other.service myv.service"',
      ['openvpn myv :1'],
    ],
    ['an instance', `${card}, ENV{SYSTEMD_WANTS}+="wg-quick@wg0.service"`, ['wireguard wg-quick@wg0 :1']],
    [
      'a command of systemctl',
      `# mine\n${card}, RUN+="/usr/bin/systemctl --no-block start myv.service"`,
      ['openvpn openvpn :2'],
    ],
    ['a program', 'SUBSYSTEM=="net", RUN+="/usr/bin/wg-quick up wg0"', ['wireguard wireguard :1']],
    ['a shell', `${card},RUN{program}+="/bin/sh -c 'wg-quick up wg0'"`, ['wireguard wireguard :1']],
    [
      'a card by its lasting name',
      'KERNEL=="en*", RUN+="/usr/bin/wg-quick up wg0"',
      ['wireguard wireguard :1'],
    ],
    [
      'a rule over several lines',
      `${card}, \\\n  RUN+="/usr/bin/wg-quick \\\nup wg0"`,
      ['wireguard wireguard :1'],
    ],
    [
      'every event but the last',
      'ACTION!="remove", RUN+="/usr/bin/wg-quick up wg0"',
      ['wireguard wireguard :1'],
    ],
    [
      'what only the server knows',
      'ATTR{address}=="00:16:3e:00:00:01", RUN+="/usr/bin/wg-quick up wg0"',
      ['wireguard wireguard :1'],
    ],
    [
      'a rule behind a label',
      `ACTION=="remove", GOTO="end"\n${card}, RUN+="/usr/bin/wg-quick up wg0"\nLABEL="end"`,
      ['wireguard wireguard :2'],
    ],
  ];
  for (const [name, rules, expected] of faults) {
    it(`finds, and turns off, ${name}`, async () => {
      const image = memoryImage(guestOf('systemd', { ...myv, [path]: `${rules}\n` }));
      const found = await factsOf(image)(vpns);
      assert.deepEqual(
        found.map(
          (vpn) => `${vpn.product} ${vpn.name} ${vpn.evidence.path.slice(path.length)}:${vpn.evidence.line}`,
        ),
        expected,
      );
      const changes: Change[] = [];
      for (const vpn of found) changes.push(...(await vpn.disable(await overlay(image, changes))));
      assert.deepEqual(
        changes.map((change) => change.path),
        [path],
      );
      assert.deepEqual(await factsOf(await overlay(image, changes))(vpns), []);
    });
  }

  const run = 'RUN+="/usr/bin/wg-quick up wg0"';
  const guards: [name: string, rules: string, files?: Files][] = [
    ['the removal of a device', `ACTION=="remove", ${run}`],
    ['every event but that of a boot', `ACTION!="add", ${run}`],
    ['what is plugged in', `SUBSYSTEM=="usb", ${run}`],
    ['what hangs on a bus of such', `SUBSYSTEM=="net", SUBSYSTEMS=="usb", ${run}`],
    ['a card that no server has', `SUBSYSTEM=="net", KERNEL=="wwan*", ${run}`],
    ['a comment', `# ${card}, ${run}`],
    ['a rule that is passed over', `${card}, ${run} nonsense`],
    ['a rule that is jumped over', `SUBSYSTEM!="usb", GOTO="end"\n${run}\nLABEL="end"`],
    ['a list that is emptied', `${card}, ${run}\n${card}, RUN=""`],
    ['a device of no unit', 'SUBSYSTEM=="xen", ENV{SYSTEMD_WANTS}+="myv.service"'],
    ['another variable', `${card}, ENV{WANTS}+="myv.service"`],
    ['a unit that is not there', `${card}, ENV{SYSTEMD_WANTS}+="openvpn@x.service"`],
    [
      'a unit that is masked',
      `${card}, ENV{SYSTEMD_WANTS}+="myv.service"`,
      { '/etc/systemd/system/myv.service': link('/dev/null') },
    ],
    [
      'a udev that is masked',
      `${card}, ${run}`,
      {
        '/usr/lib/systemd/system/systemd-udevd.service': unit('/usr/lib/systemd/systemd-udevd'),
        '/etc/systemd/system/systemd-udevd.service': link('/dev/null'),
      },
    ],
    ['a file of another name', '', { '/etc/udev/rules.d/90-vpn.rules.off': `${card}, ${run}\n` }],
  ];
  for (const [name, rules, files = {}] of guards) {
    it(`passes over ${name}`, async () => {
      const image = memoryImage(guestOf('systemd', { ...myv, [path]: `${rules}\n`, ...files }));
      assert.deepEqual(await factsOf(image)(vpns), []);
    });
  }

  it('declares what it reads', async () => {
    const files = guestOf('systemd', { ...myv, [path]: `${card}, ${run}\n` });
    const inputs = [...vpns.inputs, ...initModules.systemd.inputs];
    await assertDeclared(inputs, memoryImage(files), async (image) => factsOf(image)(vpns));
  });

  it('reads a long line of rubbish in little time', () => {
    assert.deepEqual(parseRules(`KERNEL=="${'\\a'.repeat(50_000)}`), []);
    assert.deepEqual(parseRules('A="", '.repeat(20_000) + 'x'), []);
    assert.deepEqual(parseRules('x\\\n'.repeat(50_000)), []);
  });
});
