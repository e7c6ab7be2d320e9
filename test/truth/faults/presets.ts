import { agentUnit, units, wants } from '../guests.js';
import type { Root } from '../root.js';
import { rowsOf } from '../row.js';
import { mark } from '../boot/agent-server.js';

const link = `${wants}/${agentUnit}`;

const newMachine = (root: Root): Root => root.put('/etc/machine-id', 'uninitialized\n');
const noMachine = (root: Root): Root => (root.has('/etc/machine-id') ? root.take('/etc/machine-id') : root);

/** A VPN whose package is installed, and which nothing wants. */
const putVpn = (root: Root): Root =>
  root
    .script('/usr/sbin/tailscaled', `touch ${mark}`, 'exec sleep infinity')
    .put(
      `${units}/tailscaled.service`,
      '[Unit]\nDescription=Tailscale node agent\n[Service]\nExecStart=/usr/sbin/tailscaled\n[Install]\nWantedBy=multi-user.target\n',
    );

const enableVpn = (root: Root): Root =>
  putVpn(root).want('tailscaled.service', 'multi-user.target', `${units}/tailscaled.service`);

export const presets = rowsOf('presets', [
  {
    id: 'uninitialized',
    on: ['debian11', 'debian12', 'debian13', 'debian12-both'],
    what: 'the machine-id is "uninitialized", and all that is needed is enabled',
    put: newMachine,
    is: 'works',
    guards: ['first-boot-presets', 'agent-enabled'],
  },
  {
    id: 'missing',
    on: ['debian12', 'debian13'],
    what: 'there is no machine-id, and all that is needed is enabled',
    put: noMachine,
    is: 'works',
    guards: ['first-boot-presets', 'agent-enabled'],
  },
  {
    id: 'enables-what-is-off',
    on: ['debian12', 'debian13'],
    what: 'nothing wants the agent, and the first boot presets all units, of which no preset says a word',
    put: (root) => newMachine(root).take(link),
    is: 'works',
    guards: 'agent-enabled',
    may: ['agent-enabled', 'first-boot-presets'],
  },
  {
    id: 'empty-enables-nothing',
    on: ['debian12', 'debian13'],
    what: 'nothing wants the agent, and the machine-id is empty, which is no first boot',
    put: (root) => root.put('/etc/machine-id', '').take(link),
    is: 'broken',
    speaks: 'agent-enabled',
  },
  {
    id: 'disable-all',
    on: ['debian12', 'debian13'],
    what: 'a first boot with the preset "disable *", which Debian obeys only where it would enable',
    put: (root) => newMachine(root).put('/usr/lib/systemd/system-preset/99-default.preset', 'disable *\n'),
    is: 'works',
    guards: 'first-boot-presets',
    may: 'first-boot-presets',
  },
  {
    id: 'disable-all-and-off',
    on: 'debian12',
    what: 'nothing wants the agent, and the preset of the first boot is "disable *"',
    put: (root) =>
      newMachine(root).take(link).put('/usr/lib/systemd/system-preset/99-default.preset', 'disable *\n'),
    is: 'broken',
    speaks: 'agent-enabled',
  },
  {
    id: 'prepared',
    on: ['debian12', 'debian13'],
    what: 'nothing wants the agent, a preset disables it, and prepare is run before the first boot',
    put: (root) =>
      newMachine(root).take(link).put('/etc/systemd/system-preset/50-local.preset', `disable ${agentUnit}\n`),
    prepared: true,
    is: 'works',
  },
  {
    id: 'vpn-comes-back',
    on: ['debian12', 'debian13'],
    what: 'a VPN is disabled, and the first boot presets it',
    put: (root) => putVpn(newMachine(root)),
    is: 'tunnel',
    speaks: ['vpn-autostart', 'first-boot-presets'],
  },
  {
    id: 'vpn-missing-machine',
    on: 'debian12',
    what: 'a VPN is disabled, and there is no machine-id',
    put: (root) => putVpn(noMachine(root)),
    is: 'tunnel',
    speaks: ['vpn-autostart', 'first-boot-presets'],
  },
  {
    id: 'vpn-stays-off',
    on: ['debian12', 'debian13'],
    what: 'a VPN is disabled, and so is it by a preset of the first boot',
    put: (root) =>
      putVpn(newMachine(root)).put(
        '/etc/systemd/system-preset/10-vpn.preset',
        'disable tailscaled.service\n',
      ),
    is: 'quiet',
    guards: ['vpn-autostart', 'first-boot-presets'],
  },
  {
    id: 'vpn-empty-machine',
    on: 'debian12',
    what: 'a VPN is disabled, and the machine-id is empty',
    put: (root) => putVpn(root).put('/etc/machine-id', ''),
    is: 'quiet',
    guards: ['vpn-autostart', 'first-boot-presets'],
  },
  {
    id: 'vpn-masked',
    on: 'debian13',
    what: 'a VPN is masked, and the first boot presets all units',
    put: (root) => putVpn(newMachine(root)).mask('tailscaled.service'),
    is: 'quiet',
    guards: ['vpn-autostart', 'first-boot-presets'],
  },
  {
    id: 'vpn-prepared',
    on: ['debian12', 'debian13'],
    what: 'a VPN is enabled, and prepare is run before the first boot',
    put: (root) => enableVpn(newMachine(root)),
    prepared: true,
    is: 'quiet',
  },
]);
