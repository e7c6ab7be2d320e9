import { type InterfaceStanza, withoutStanzas } from '../../formats/interfaces.js';
import { write } from '../../image/change.js';
import type { GuestPath } from '../../image/image.js';
import { baseName } from '../../image/resolve.js';
import { findProgram } from '../agents/programs.js';
import { interfacesFiles } from './interfaces-files.js';
import { type LeftoverReader, card, isUsual } from './leftover.js';

/** The file of interfaces(5) that everything starts from. */
export const interfaces: GuestPath = '/etc/network/interfaces';

/**
 * ifup applies every stanza that an interface has, whichever file it is in: the server has both addresses and both
 * default routes, or the second route fails and with it the interface (found by experiment, with ifupdown 0.8.41). The
 * agent writes the whole file anew, so nothing is left of it, unless it writes for netplan.
 */
export const ifupdown: LeftoverReader = {
  async find(image, { services, agent }) {
    if (!(await findProgram(image, 'ifup')) || !(await image.stat(interfaces))) return [];
    const beside = agent.writes === 'netplan' && services.find('networking')?.state === 'enabled';
    const files = await interfacesFiles(image);
    return files
      .filter(({ path }) => !isOwn(path))
      .flatMap(({ path, stanzas }) =>
        stanzas.filter(isLeft).map(({ name, method, line }) => ({
          ...{ path, line, device: name, usual: isUsual(name), by: 'ifupdown' as const, instead: false },
          gives: method === 'static' ? 'address' : 'dhcp',
          owners: beside ? ['cloud-init', 'nova-agent'] : ['cloud-init'],
        })),
      );
  },
  async without(image, path) {
    const text = (await image.readText(path)) ?? '';
    return write(image, (await image.realPath(path)) ?? path, withoutStanzas(text, isLeft));
  },
};

function isLeft({ name, method }: InterfaceStanza): boolean {
  return card.test(name) && (method === 'static' || method === 'dhcp');
}

/** What cloud-init itself wrote on the source server, it writes anew on every other. */
function isOwn(path: GuestPath): boolean {
  return /^50-cloud-init(?:\.\w+)?$/.test(baseName(path));
}
