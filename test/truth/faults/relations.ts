import { agentUnit } from '../guests.js';
import type { Root } from '../root.js';
import { rowsOf } from '../row.js';

/** A service beside the agent, that the administrator has made. */
const other = (root: Root, program: string, ...lines: readonly string[]): Root =>
  root.unit(
    'lab.service',
    '[Unit]',
    'DefaultDependencies=no',
    ...lines,
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    `ExecStart=${program}`,
    '[Install]',
    'WantedBy=multi-user.target',
  );

const of =
  (...lines: readonly string[]) =>
  (root: Root): void => {
    root.dropIn(agentUnit, '[Unit]', ...lines);
  };

export const relations = rowsOf('relations', [
  {
    id: 'conflicts-by-another',
    on: ['debian11', 'debian12', 'debian13'],
    what: 'another service of the boot conflicts with the agent',
    put: (root) => other(root, '/bin/true', `Conflicts=${agentUnit}`).want('lab.service'),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /Conflicts/,
  },
  {
    id: 'conflicts-by-one-disabled',
    on: 'debian12',
    what: 'another service conflicts with the agent, and is not started',
    put: (root) => other(root, '/bin/true', `Conflicts=${agentUnit}`),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'conflicts-with-absent',
    on: 'debian13',
    what: 'the agent conflicts with a service that is not there',
    put: of('Conflicts=rax-nova-agent.service'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'binds-to-absent',
    on: ['debian12', 'debian13'],
    what: 'the agent is bound to a service that is not there, and ordered after it',
    put: of('BindsTo=lab.service', 'After=lab.service'),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /BindsTo/,
  },
  {
    id: 'binds-to-passed-over',
    on: 'debian12',
    what: 'the agent is bound to a service whose condition does not hold, and ordered after it',
    put: (root) => {
      other(root, '/bin/true', 'ConditionPathExists=/srv/absent');
      of('BindsTo=lab.service', 'After=lab.service')(root);
    },
    is: 'broken',
    speaks: 'agent-enabled',
    says: /BindsTo/,
  },
  {
    id: 'binds-to-started',
    on: 'debian12',
    what: 'the agent is bound to a service that is started',
    put: (root) => {
      other(root, '/bin/true');
      of('BindsTo=lab.service', 'After=lab.service')(root);
    },
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'requisite-absent',
    on: ['debian11', 'debian12'],
    what: 'the agent has a service that is not there as Requisite=',
    put: of('Requisite=lab.service', 'After=lab.service'),
    is: 'works',
    guards: 'agent-enabled',
    may: 'agent-enabled',
  },
  {
    id: 'requisite-disabled',
    on: 'debian13',
    what: 'the agent has a service that nothing starts as Requisite=',
    put: (root) => {
      other(root, '/bin/true');
      of('Requisite=lab.service', 'After=lab.service')(root);
    },
    is: 'broken',
    speaks: 'agent-enabled',
    says: /Requisite/,
  },
  {
    id: 'requires-gone-program',
    on: ['debian11', 'debian12', 'debian13'],
    what: 'the agent requires a service whose program is gone, and is ordered after it',
    put: (root) => {
      other(root, '/usr/local/bin/lab');
      of('Requires=lab.service', 'After=lab.service')(root);
    },
    is: 'broken',
    speaks: 'agent-enabled',
    says: /lab\.service/,
  },
  {
    id: 'requires-failing',
    on: 'debian12',
    what: 'the agent requires a service that runs /bin/false, and is ordered after it',
    put: (root) => {
      other(root, '/bin/false');
      of('Requires=lab.service', 'After=lab.service')(root);
    },
    is: 'broken',
    speaks: 'agent-enabled',
    says: /lab\.service/,
  },
  {
    id: 'requires-absent',
    on: ['debian11', 'debian12'],
    what: 'the agent requires a service that is not there',
    put: of('Requires=lab.service', 'After=lab.service'),
    is: 'works',
    guards: 'agent-enabled',
    may: 'agent-enabled',
  },
  {
    id: 'requires-masked',
    on: 'debian12',
    what: 'the agent requires a service that is masked',
    put: (root) => {
      root.mask('lab.service');
      of('Requires=lab.service', 'After=lab.service')(root);
    },
    is: 'works',
    guards: 'agent-enabled',
    may: 'agent-enabled',
  },
  {
    id: 'requires-absent-of-late',
    on: 'debian13',
    what: 'the agent requires a service that is not there, which systemd 257 does not pass over',
    put: of('Requires=lab.service', 'After=lab.service'),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /lab\.service/,
  },
  {
    id: 'requires-masked-of-late',
    on: 'debian13',
    what: 'the agent requires a service that is masked, which systemd 257 does not pass over',
    put: (root) => {
      root.mask('lab.service');
      of('Requires=lab.service', 'After=lab.service')(root);
    },
    is: 'broken',
    speaks: 'agent-enabled',
    says: /lab\.service/,
  },
  {
    id: 'requisite-absent-of-late',
    on: 'debian13',
    what: 'a service that is not there has to be active already, which systemd 257 does not pass over',
    put: of('Requisite=lab.service'),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /lab\.service/,
  },
  {
    id: 'requires-what-requires-the-absent',
    on: 'debian13',
    what: 'the agent requires a service that requires one that is not there',
    put: (root) => {
      other(root, '/bin/true', 'Requires=none.service');
      of('Requires=lab.service')(root);
    },
    is: 'broken',
    speaks: 'agent-enabled',
    says: /none\.service/,
  },
  {
    id: 'requires-passed-over',
    on: 'debian12',
    what: 'the agent requires a service whose condition does not hold',
    put: (root) => {
      other(root, '/bin/true', 'ConditionPathExists=/srv/absent');
      of('Requires=lab.service', 'After=lab.service')(root);
    },
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'wants-failing',
    on: ['debian12', 'debian12-both'],
    what: 'the agent wants a service whose program is gone, and is ordered after it',
    put: (root) => {
      other(root, '/usr/local/bin/lab');
      of('Wants=lab.service', 'After=lab.service')(root);
    },
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'part-of-absent',
    on: 'debian12',
    what: 'the agent is part of a service that is not there',
    put: of('PartOf=lab.service', 'OnFailure=lab.service'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'refuses-manual-start',
    on: 'debian13',
    what: 'the agent refuses to be started by hand',
    put: of('RefuseManualStart=yes', 'RefuseManualStop=yes'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'cycle',
    on: ['debian12', 'debian13'],
    what: 'the agent is ordered after basic.target and before sysinit.target',
    put: (root) =>
      root
        .take(`/etc/systemd/system/${agentUnit}.d/10-order.conf`)
        .dropIn(agentUnit, '[Unit]', 'After=basic.target', 'Before=sysinit.target'),
    is: 'broken',
    speaks: 'boot-cycles',
  },
  {
    id: 'no-cycle',
    on: 'debian12',
    what: 'the agent is ordered after basic.target',
    put: of('After=basic.target'),
    is: 'works',
    guards: 'boot-cycles',
  },
  {
    id: 'cloud-init-requires-failing',
    on: 'debian12-ci',
    what: 'cloud-init-local requires a service whose program is gone',
    put: (root) => {
      other(root, '/usr/local/bin/lab');
      root.dropIn('cloud-init-local.service', '[Unit]', 'Requires=lab.service', 'After=lab.service');
    },
    is: 'broken',
    speaks: 'cloud-init-enabled',
    says: /lab\.service/,
  },
]);
