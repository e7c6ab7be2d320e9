import type { Root } from '../root.js';
import { type Draft, rowsOf } from '../row.js';

const needed: readonly Draft[] = (
  [
    ['ifup', 'ifup is gone', ['debian12', 'debian13', 'debian12-sysv'], /ifup/, ['ifup']],
    ['ifdown', 'ifdown is gone', 'debian12', /ifdown/, ['ifdown']],
    [
      'ifupdown',
      'ifupdown is gone, and there is no netplan',
      ['debian11', 'debian12', 'debian13-both'],
      /ifup|ifdown/,
      ['ifup', 'ifdown', 'ifquery'],
    ],
    ['ip', 'ip is gone', ['debian12', 'debian13'], /\bip\b/, ['ip']],
    ['passwd', 'passwd is gone', ['debian12', 'debian13', 'debian12-sysv'], /passwd/, ['passwd']],
    ['host-name', 'hostnamectl and hostname are gone', 'debian12', /hostname/, ['hostname', 'hostnamectl']],
  ] as const
).map(([id, what, on, says, programs]): Draft => ({
  id,
  on,
  what,
  put: (root) => {
    for (const name of programs) takeProgram(root, name);
  },
  is: 'broken',
  speaks: ['agent-runnable', 'network-service'],
  says,
}));

function takeProgram(root: Root, name: string): void {
  for (const folder of ['/usr/sbin', '/usr/bin', '/sbin', '/bin']) {
    try {
      root.take(`${folder}/${name}`);
    } catch {
      continue; // in another folder, or the same by another way
    }
  }
}

export const programs = rowsOf('programs', [
  ...needed,
  {
    id: 'hostnamectl',
    on: ['debian11', 'debian12'],
    what: 'hostnamectl is gone, and hostname is there',
    put: (root) => {
      takeProgram(root, 'hostnamectl');
    },
    is: 'works',
    guards: 'agent-runnable',
  },
  {
    id: 'nano',
    on: 'debian12',
    what: 'programs are gone that the agent does not call',
    put: (root) => {
      for (const name of ['wget', 'ping', 'ifquery']) takeProgram(root, name);
    },
    is: 'works',
    guards: 'agent-runnable',
  },
  {
    id: 'route',
    on: 'debian12',
    what: 'route is gone, by which the agent has ifupdown make the routes of private networks',
    put: (root) => {
      takeProgram(root, 'route');
    },
    is: 'works',
    by: {
      source: 'nova-agent, libs/debian.py: "post-up route add … || true"; the default route does without',
    },
    guards: 'agent-runnable',
    may: 'agent-runnable',
  },
  {
    id: 'in-usr-local',
    on: 'debian12',
    what: 'ifup and ifdown lie in /usr/local/sbin, and are gone elsewhere',
    put: (root) =>
      root.folder('/usr/local/sbin').run('sh', '-c', 'mv /usr/sbin/ifup /usr/sbin/ifdown /usr/local/sbin/'),
    is: 'broken',
    by: {
      source:
        'ifupdown, networking.service: ExecStart=/sbin/ifup -a, so nothing is configured after a reboot',
    },
    speaks: ['agent-runnable', 'network-service'],
  },
]);
