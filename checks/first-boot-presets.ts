import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agents } from '../images/guest/agents/agents.js';
import { xe } from '../images/guest/agents/xe.js';
import { firstBoot } from '../images/guest/first-boot.js';
import { services } from '../images/guest/init/services.js';
import { os } from '../images/guest/os.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { presetFaults } from './lib/preset-faults.js';
import { man } from './lib/references.js';

export const firstBootPresets = defineCheck({
  meta: {
    id: 'first-boot-presets',
    title: 'the first boot changes nothing about what starts',
    failureTitle: 'the first boot changes what starts',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    families: ['Linux'],
    scope: 'image',
    messages: {
      'switched-on': 'the first boot of a server switches {{what}} on: {{because}}',
      'switched-off': 'the first boot of a server switches {{what}} off: {{because}}',
      'perhaps-on': 'the first boot of a server may switch {{what}} on: {{because}}. {{doubt}}',
      'perhaps-off': 'the first boot of a server may switch {{what}} off: {{because}}. {{doubt}}',
    },
    docs: {
      why: 'Without /etc/machine-id, or with "uninitialized" in it, systemd takes the next boot for the first one of its installation, and presets all units: it enables every unit that no preset file disables. A VPN or an agent that was only disabled comes back. Where systemd was built so (Fedora 37 and later, Enterprise Linux 10), it also disables what a preset file disables; those distributions end with `disable *`, which hits nova-agent and the guest utilities. An empty /etc/machine-id is different: the server still gets an id of its own, and nothing is preset.',
      remedy:
        'Say in a preset file that comes before all others what is to stay: `disable tailscaled.service` or `enable nova-agent.service` in /etc/systemd/system-preset/00-NAME.preset. Or make the file empty (`: > /etc/machine-id`), if nothing waits for a first boot (ConditionFirstBoot=). `systemctl --root=DIR preset-all` and `systemctl --root=DIR preset-all --preset-mode=enable-only`, on a copy, show what would change.',
      references: [
        man('machine-id(5)', 'FIRST BOOT SEMANTICS'),
        man('systemd.preset(5)', 'PRESET FILE FORMAT'),
        man('systemctl(1)', 'preset-all'),
        man('kernel-command-line(7)', 'systemd.condition_first_boot='),
      ],
    },
  },
  needs: { agents, firstBoot, installedAgents, os, services, xe },
  appliesTo: ({ firstBoot }) => firstBoot !== undefined || 'the next boot is not a first boot to systemd',
  *run({ firstBoot, ...facts }, { target }) {
    if (!firstBoot) return;
    for (const { wanted, what, severity, evidence, because, doubt } of presetFaults(
      { ...facts, firstBoot },
      target,
    )) {
      const way = wanted === 'disable' ? 'on' : 'off';
      if (doubt === undefined)
        yield { message: `switched-${way}`, severity, data: { what, because }, evidence };
      else yield { message: `perhaps-${way}`, severity, data: { what, because, doubt }, evidence };
    }
  },
});

const unit = '[Service]\nExecStart=/usr/sbin/tailscaled\n[Install]\nWantedBy=multi-user.target\n';

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: {
      '/etc/machine-id': 'uninitialized\n',
      '/usr/sbin/tailscaled': '#!/bin/sh\n',
      '/usr/lib/systemd/system/tailscaled.service': unit,
      '/etc/systemd/system-preset/00-image.preset': false,
    },
    says: [
      'the first boot of a server switches the VPN tailscale tailscaled on: /etc/machine-id says "uninitialized", so systemd presets all units, and no preset file says otherwise',
    ],
  },
  good: {
    files: {
      '/etc/machine-id': 'uninitialized\n',
      '/usr/sbin/tailscaled': '#!/bin/sh\n',
      '/usr/lib/systemd/system/tailscaled.service': unit,
      '/etc/systemd/system-preset/00-image.preset': 'disable tailscaled.service\n',
    },
  },
};
