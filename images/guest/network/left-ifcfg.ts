import { setShellAssignment, shellVariables } from '../../formats/shell-assignments.js';
import { ImageError } from '../../base/errors.js';
import { write } from '../../image/change.js';
import type { GuestPath } from '../../image/image.js';
import { baseName } from '../../image/resolve.js';
import { textsIn } from '../texts.js';
import { type LeftoverReader, type NetworkLeftover, card, isUsual } from './leftover.js';

export const ifcfgFolder: GuestPath = '/etc/sysconfig/network-scripts';

/**
 * Red Hat's ifcfg files. cloud-init writes those of its cards anew and leaves the others; the agent moves all others away
 * (novaagent/utils.py, get_ifcfg_files_to_remove). A file with HWADDR is for the card of the source server alone
 * (/usr/share/doc/initscripts/sysconfig.txt).
 */
export const ifcfg: LeftoverReader = {
  async find(image, { services, renderer, priority }) {
    const enabled = (name: string): boolean => services.find(name)?.state === 'enabled';
    const [scripts, manager] = [enabled('network'), enabled('NetworkManager')];
    if (renderer === undefined || (!scripts && !manager)) return [];
    // NetworkManager reads these files as profiles without a priority.
    if (!scripts && renderer === 'network-manager' && priority > 0) return [];
    const found: NetworkLeftover[] = [];
    for (const { path, text } of await textsIn(image, ifcfgFolder, isIfcfg)) {
      const variables = shellVariables(text);
      const valueOf = (key: string): string => variables.get(key)?.value ?? '';
      const device = valueOf('DEVICE') || baseName(path).slice('ifcfg-'.length);
      if (!card.test(device) || valueOf('HWADDR') !== '' || /^no$/i.test(valueOf('ONBOOT'))) continue;
      if (!scripts && /^no$/i.test(valueOf('NM_CONTROLLED'))) continue;
      if (['MASTER', 'BRIDGE', 'SLAVE'].some((key) => valueOf(key) !== '')) continue;
      const written =
        renderer === 'sysconfig' && baseName(path) === `ifcfg-${device}` && !device.includes(':');
      if (written) continue;
      const address = variables.get('IPADDR') ?? variables.get('IPADDR0') ?? variables.get('IPV6ADDR');
      const dhcp = /^(?:dhcp|bootp)$/i.test(valueOf('BOOTPROTO')) ? variables.get('BOOTPROTO') : undefined;
      const entry = address ?? dhcp;
      if (!entry) continue;
      const gives = address ? 'address' : 'dhcp';
      const by = scripts ? 'the network scripts' : 'NetworkManager';
      const place = { path, line: entry.line, device, usual: isUsual(device) };
      found.push({ ...place, gives, by, instead: false, owners: ['cloud-init'] });
    }
    return found;
  },
  async without(image, path) {
    const text = setShellAssignment((await image.readText(path)) ?? '', 'ONBOOT', 'no');
    if (text === undefined)
      throw new ImageError('unsupported', `${path} sets ONBOOT in a way that cannot be changed by itself`);
    return write(image, (await image.realPath(path)) ?? path, text);
  },
};

/** The network scripts pass over what editors and package managers leave behind. */
function isIfcfg(name: string): boolean {
  return name.startsWith('ifcfg-') && !/(?:~|\.bak|\.orig|\.rpmnew|\.rpmorig|\.rpmsave|\.off)$/.test(name);
}
