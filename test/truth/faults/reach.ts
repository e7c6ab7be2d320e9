import { agentUnit, units, wants } from '../guests.js';
import type { Root } from '../root.js';
import { rowsOf } from '../row.js';

const unit = `${units}/${agentUnit}`;
const link = `${wants}/${agentUnit}`;

const belowTarget = (root: Root, target: string): Root =>
  root
    .edit(unit, /WantedBy=.*/, `WantedBy=${target}`)
    .take(link)
    .link(`/etc/systemd/system/${target}.wants/${agentUnit}`, unit);

const defaultTarget =
  (target: string) =>
  (root: Root): void => {
    root.link('/etc/systemd/system/default.target', target);
  };

export const reach = rowsOf('reach', [
  {
    id: 'disabled',
    on: ['debian11', 'debian12', 'debian13', 'debian12-both'],
    what: 'nothing of the boot wants the agent',
    put: (root) => root.take(link),
    is: 'broken',
    speaks: 'agent-enabled',
  },
  {
    id: 'disabled-prepared',
    on: ['debian12', 'debian13'],
    what: 'nothing of the boot wants the agent, and prepare is run',
    put: (root) => root.take(link),
    prepared: true,
    is: 'works',
  },
  {
    id: 'masked',
    on: ['debian12', 'debian13-both'],
    what: 'the agent is masked',
    put: (root) => root.mask(agentUnit),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /mask/i,
  },
  {
    id: 'masked-by-empty-file',
    on: 'debian12',
    what: 'the agent is masked by an empty file',
    put: (root) => root.put(`/etc/systemd/system/${agentUnit}`, ''),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /mask/i,
  },
  {
    id: 'masked-prepared',
    on: 'debian12',
    what: 'the agent is masked, and prepare is run',
    put: (root) => root.mask(agentUnit),
    prepared: true,
    is: 'works',
  },
  {
    id: 'target-with-a-typo',
    on: ['debian12', 'debian13'],
    what: 'the agent is enabled below multiuser.target, which is in no boot',
    put: (root) => belowTarget(root, 'multiuser.target'),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /multiuser\.target/,
  },
  {
    id: 'target-with-a-typo-prepared',
    on: 'debian12',
    what: 'the agent is enabled below multiuser.target, and prepare is run',
    put: (root) => belowTarget(root, 'multiuser.target'),
    prepared: true,
    is: 'works',
  },
  {
    id: 'graphical-on-a-server',
    on: 'debian12',
    what: 'the agent is enabled below graphical.target, and the default is multi-user.target',
    put: (root) => {
      belowTarget(root, 'graphical.target');
      defaultTarget('/lib/systemd/system/multi-user.target')(root);
    },
    is: 'broken',
    speaks: 'agent-enabled',
    says: /graphical\.target/,
  },
  {
    id: 'graphical-is-the-default',
    on: ['debian11', 'debian12', 'debian13'],
    what: 'the agent is enabled below graphical.target, which is the default of Debian',
    put: (root) => belowTarget(root, 'graphical.target'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'below-default',
    on: 'debian12',
    what: 'the agent is enabled below default.target',
    put: (root) => belowTarget(root, 'default.target'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'below-sysinit',
    on: 'debian13',
    what: 'the agent is enabled below sysinit.target',
    put: (root) => belowTarget(root, 'sysinit.target'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'required-instead',
    on: 'debian12',
    what: 'multi-user.target requires the agent',
    put: (root) => root.take(link).link(`/etc/systemd/system/multi-user.target.requires/${agentUnit}`, unit),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'link-leads-nowhere',
    on: ['debian12', 'debian13'],
    what: 'the link that wants the agent leads to a file that is not there',
    put: (root) => root.link(link, '/opt/units/python3-nova-agent.service'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'wanted-by-a-service',
    on: 'debian12',
    what: 'the agent is static, and a service of the boot wants it',
    put: (root) =>
      root
        .take(link)
        .edit(unit, /\[Install\][\s\S]*/, '')
        .dropIn('networking.service', '[Unit]', `Wants=${agentUnit}`),
    is: 'works',
    guards: 'agent-enabled',
    may: 'agent-enabled',
  },
  {
    id: 'wanted-by-a-drop-in',
    on: 'debian13',
    what: 'a drop-in of multi-user.target wants the agent',
    put: (root) => root.take(link).dropIn('multi-user.target', '[Unit]', `Wants=${agentUnit}`),
    is: 'works',
    guards: 'agent-enabled',
    may: 'agent-enabled',
  },
  {
    id: 'static',
    on: ['debian12', 'debian13'],
    what: 'the agent is static, and nothing wants it',
    put: (root) => root.take(link).edit(unit, /\[Install\][\s\S]*/, ''),
    is: 'broken',
    speaks: 'agent-enabled',
  },
  {
    id: 'static-prepared',
    on: 'debian12',
    what: 'the agent is static, nothing wants it, and prepare is run',
    put: (root) => root.take(link).edit(unit, /\[Install\][\s\S]*/, ''),
    prepared: true,
    is: 'works',
  },
  {
    id: 'default-rescue',
    on: ['debian11', 'debian12', 'debian13'],
    what: 'default.target leads to rescue.target',
    put: defaultTarget('/lib/systemd/system/rescue.target'),
    is: 'broken',
    speaks: ['boot-target', 'agent-enabled'],
    says: /rescue\.target/,
  },
  {
    id: 'default-rescue-prepared',
    on: ['debian12', 'debian13'],
    what: 'default.target leads to rescue.target, and prepare is run',
    put: defaultTarget('/lib/systemd/system/rescue.target'),
    prepared: true,
    is: 'works',
  },
  {
    id: 'default-emergency',
    on: 'debian12',
    what: 'default.target leads to emergency.target',
    put: defaultTarget('/lib/systemd/system/emergency.target'),
    is: 'broken',
    speaks: ['boot-target', 'agent-enabled'],
    says: /emergency\.target/,
  },
  {
    id: 'default-nowhere',
    on: ['debian12', 'debian13'],
    what: 'default.target leads to a target that is not there',
    put: defaultTarget('/lib/systemd/system/multiuser.target'),
    is: 'broken',
    speaks: ['boot-target', 'agent-enabled'],
    says: /default\.target/,
  },
  {
    id: 'default-masked',
    on: 'debian12',
    what: 'default.target is masked',
    put: defaultTarget('/dev/null'),
    is: 'broken',
    speaks: ['boot-target', 'agent-enabled'],
    says: /default\.target/,
  },
  {
    id: 'default-of-the-house',
    on: 'debian12',
    what: 'default.target leads to a target of the house that requires multi-user.target',
    put: (root) => {
      root.unit(
        'house.target',
        '[Unit]',
        'Requires=multi-user.target',
        'After=multi-user.target',
        'AllowIsolate=yes',
      );
      defaultTarget('/etc/systemd/system/house.target')(root);
    },
    is: 'works',
    guards: ['boot-target', 'agent-enabled'],
  },
  {
    id: 'default-of-the-house-alone',
    on: 'debian13',
    what: 'default.target leads to a target of the house that requires basic.target alone',
    put: (root) => {
      root.unit('house.target', '[Unit]', 'Requires=basic.target', 'After=basic.target', 'AllowIsolate=yes');
      defaultTarget('/etc/systemd/system/house.target')(root);
    },
    is: 'broken',
    speaks: ['boot-target', 'agent-enabled'],
    says: /house\.target/,
  },
  {
    id: 'default-multi-user',
    on: ['debian11', 'debian13'],
    what: 'default.target leads to multi-user.target',
    put: defaultTarget('/lib/systemd/system/multi-user.target'),
    is: 'works',
    guards: ['boot-target', 'agent-enabled'],
  },
  {
    id: 'multi-user-masked',
    on: 'debian12',
    what: 'multi-user.target is masked',
    put: (root) => root.mask('multi-user.target'),
    is: 'broken',
    speaks: ['boot-target', 'agent-enabled'],
    says: /multi-user\.target/,
  },
  {
    id: 'cloud-init-target-masked',
    on: ['debian12-ci', 'debian13-ci'],
    what: 'cloud-init.target is masked',
    put: (root) => root.mask('cloud-init.target'),
    is: 'broken',
    speaks: 'cloud-init-enabled',
    says: /cloud-init\.target/,
  },
]);
