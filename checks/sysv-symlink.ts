import { installedAgents } from '../images/guest/agents/agent-services.js';
import { initScripts } from '../images/guest/init/init-scripts.js';
import { init } from '../images/guest/init/init.js';
import { os } from '../images/guest/os.js';
import { services } from '../images/guest/init/services.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, article, man } from './lib/references.js';
import { majorOf } from './lib/versions.js';

export const sysvSymlink = defineCheck({
  meta: {
    id: 'sysv-symlink',
    title: 'systemd can see nova-agent’s init script',
    failureTitle: 'nova-agent’s init script is a link, which this systemd may not see (rm14157)',
    category: 'boot',
    severity: 'warning',
    targets: ['nova-agent'],
    families: ['Linux'],
    scope: 'image',
    messages: {
      broken:
        '{{script}} is a link to {{target}}; systemd {{version}} ignores linked scripts, so it does not know nova-agent.service',
      fragile:
        '{{script}} is a link to {{target}}, and there is no native unit; systemd 219-19 to 219-19.2 ignores linked scripts',
    },
    docs: {
      why: 'The 1.x agent’s init script is a link into /usr/share/nova-agent. An update for Red Hat Enterprise Linux and CentOS 7.2 in December 2015 (systemd 219-19) ignored linked scripts, so the agent did not start at the next boot: "Unit nova-agent.service failed to load: No such file or directory". systemd 219-19.3 follows links again, but images made in between, or rolled back to that release, are still affected. Rackspace tracks this as rm14157.',
      remedy:
        'Give nova-agent a native unit (/etc/systemd/system/nova-agent.service, After= and Wants= the guest utilities’ service, ExecStart=/usr/sbin/nova-agent -n -l info /usr/share/nova-agent/nova-agent.py with the libraries of its tree in LD_LIBRARY_PATH and PYTHONPATH) and enable it, or replace the link by a copy of the script, or update systemd to 219-19.3 or later.',
      references: [
        article(agentArticle, 'Installing nova-agent on Linux'),
        man('systemd-sysv-generator(8)', 'DESCRIPTION'),
      ],
    },
  },
  needs: { init, initScripts, installedAgents, os, services },
  appliesTo({ init, os }) {
    const affected =
      os.family === 'redhat' && os.id !== 'fedora' && majorOf(os.version) === 7 && init.system === 'systemd';
    return affected || 'only Enterprise Linux 7 has a systemd with this fault';
  },
  *run({ init, initScripts, installedAgents, services }) {
    const names = new Set(installedAgents.flatMap(({ serviceNames }) => serviceNames));
    for (const name of names) {
      const script = initScripts.all.get(name);
      if (script?.target === undefined || services.find(`${name}.service`)?.origin === 'unit') continue;
      const data = { script: script.path, target: script.target, version: init.systemdVersion ?? '' };
      const evidence = { path: script.path };
      if (passesOverLinks(init.systemdVersion))
        yield { message: 'broken', severity: 'error', data, evidence };
      else yield { message: 'fragile', data, evidence };
    }
  },
});

/**
 * systemd 219-19 up to 219-19.2. Red Hat writes an update within a release behind the distribution's tag:
 * 219-19.el7 is the first, 219-19.el7_2.3 is what its changelog calls 219-19.3.
 */
function passesOverLinks(version: string | undefined): boolean {
  const match = /^(?:\d+:)?219-19(?:\.el7(?:_\d+)?)?(?:\.(\d+))?(?![\d])/.exec(version ?? '');
  return match !== null && Number(match[1] ?? 0) <= 2;
}

export const example: Example = {
  guest: 'centos-7',
  bad: {
    files: {
      '/etc/rc.d/init.d/nova-agent': {
        link: '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent',
      },
    },
    says: [
      '/etc/rc.d/init.d/nova-agent is a link to /usr/share/nova-agent/1.39.1/etc/generic/nova-agent, and there is no native unit; systemd 219-19 to 219-19.2 ignores linked scripts',
    ],
  },
  good: { files: { '/etc/rc.d/init.d/nova-agent': true } },
};
