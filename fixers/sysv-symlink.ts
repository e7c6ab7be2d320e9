import { link, write } from '../images/image/change.js';
import { installedAgents, servicesNamed } from '../images/guest/agents/agent-services.js';
import { services } from '../images/guest/init/services.js';
import { xe } from '../images/guest/agents/xe.js';
import type { GuestPath, Image } from '../images/image/image.js';
import { overlay } from '../images/image/overlay.js';
import { baseName, join, parentOf } from '../images/image/resolve.js';
import { defineFixer } from './lib/fixer.js';

const unitPath: GuestPath = '/etc/systemd/system/nova-agent.service';
const wantsLink: GuestPath = '/etc/systemd/system/multi-user.target.wants/nova-agent.service';

export const sysvSymlink = defineFixer({
  meta: {
    id: 'sysv-symlink',
    title: 'Give nova-agent a native unit',
    risk: 'safe',
    phase: 'register',
    docs: 'Writes /etc/systemd/system/nova-agent.service, which starts the 1.x agent after the guest utilities with the libraries of its own tree, and enables the unit if the script was enabled. systemd then does not need the linked script. The script stays as it is, so the agent’s own installer still finds it.',
  },
  needs: { installedAgents, services, xe },
  async *plan({ image, facts: { installedAgents, services, xe } }) {
    const agent = installedAgents.find(({ generation }) => generation === 1);
    const tree = agent && (await treeOf(image, agent.program));
    if (!agent || !tree) return;
    const before = servicesNamed(xe?.serviceNames ?? [], services).map(({ id }) => id);
    const unit = await write(image, unitPath, unitText(tree, before.slice(0, 1)));
    yield* unit;
    const enabled = agent.services.some(({ state }) => state === 'enabled');
    if (enabled) yield* await link(await overlay(image, unit), wantsLink, unitPath);
  },
});

interface Tree {
  readonly lib: GuestPath;
  readonly python: GuestPath;
}

/** The tree of the release that the program's link leads to; undefined when it is not laid out as 1.x is. */
async function treeOf(image: Image, program: GuestPath): Promise<Tree | undefined> {
  const real = await image.realPath(program);
  if (!real || !/^\/usr\/share\/nova-agent\/[\w.+-]+\/sbin\/nova-agent$/.test(real)) return undefined;
  const lib = join(parentOf(parentOf(real)), 'lib');
  const python = ((await image.readDir(lib)) ?? []).find(({ name }) => /^python2\.\d$/.test(name));
  return python && { lib, python: join(lib, python.name) };
}

/** PYTHONPATH and LD_LIBRARY_PATH are spelled out: a unit's EnvironmentFile= would not expand one in the other. */
function unitText({ lib, python }: Tree, before: readonly string[]): string {
  const lines = [
    '[Unit]',
    `Description=nova-agent ${baseName(parentOf(lib))}, the guest agent for OpenStack Nova`,
    ...before.flatMap((id) => [`After=${id}`, `Wants=${id}`]),
    '',
    '[Service]',
    `Environment=LD_LIBRARY_PATH=${lib}`,
    `Environment=PYTHONPATH=${python}:${python}/site-packages`,
    'ExecStart=/usr/sbin/nova-agent -n -l info /usr/share/nova-agent/nova-agent.py',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ];
  return lines.join('\n');
}
