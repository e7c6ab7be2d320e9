import { type Assignment, setShellAssignment, shellVariables } from '../../formats/shell-assignments.js';
import type { GuestPath } from '../../image/image.js';
import { baseName } from '../../image/resolve.js';
import { textsIn } from '../texts.js';
import type { Vpn } from './vpn.js';
import { hasLinkAddress, isTunnelName } from '../network/link-names.js';
import type { Mechanism } from './mechanism.js';
import { rewrite } from './rewrite.js';

const redhat: GuestPath = '/etc/sysconfig/network-scripts';
const suse: GuestPath = '/etc/sysconfig/network';

/** TYPE= of a device that carries a network through another. */
const tunnelTypes = /^(?:tun|tap|wireguard|ipsec|gre|ipip|sit|vti|xdsl|modem|ppp)$/i;

/**
 * ifcfg files: Red Hat's start at boot unless ONBOOT is "no" (that is how the network scripts read it), SUSE's when
 * STARTMODE says so.
 */
export const ifcfg: Mechanism = {
  inputs: [`${redhat}/ifcfg-*`, `${suse}/ifcfg-*`],
  async find({ image }) {
    const found: Vpn[] = [];
    for (const { path, text } of await textsIn(image, redhat, isIfcfg)) {
      const variables = shellVariables(text);
      const onBoot = variables.get('ONBOOT');
      if (/^no$/i.test(onBoot?.value ?? '')) continue;
      found.push(...vpnOf(path, variables, onBoot, { key: 'ONBOOT', off: 'no' }));
    }
    for (const { path, text } of await textsIn(image, suse, isIfcfg)) {
      const variables = shellVariables(text);
      const mode = variables.get('STARTMODE');
      if (!/^(?:auto|onboot|boot|on|hotplug|ifplugd|nfsroot)$/i.test(mode?.value ?? '')) continue;
      found.push(...vpnOf(path, variables, mode, { key: 'STARTMODE', off: 'manual' }));
    }
    return found;
  },
};

function vpnOf(
  path: GuestPath,
  variables: ReadonlyMap<string, Assignment>,
  switchedOn: Assignment | undefined,
  setting: { readonly key: string; readonly off: string },
): Vpn[] {
  const name = variables.get('DEVICE')?.value ?? baseName(path).slice('ifcfg-'.length);
  const type = variables.get('TYPE')?.value ?? variables.get('TUNNEL')?.value ?? '';
  if (!tunnelTypes.test(type) && !isTunnelName(name)) return [];
  const line = (switchedOn ?? variables.get('TYPE'))?.line;
  return [
    {
      product: 'ifcfg',
      name,
      evidence: line === undefined ? { path } : { path, line },
      how: switchedOn ? `${setting.key} starts it` : `it starts unless ${setting.key} says no`,
      tunnelLink: !/^(?:tap|gre|ipip|sit|vti|ipsec)$/i.test(type) && !hasLinkAddress(name),
      disable: (image) => rewrite(image, path, (text) => setShellAssignment(text, setting.key, setting.off)),
    },
  ];
}

/** The network scripts pass over what editors and package managers leave behind. */
function isIfcfg(name: string): boolean {
  return name.startsWith('ifcfg-') && !/(?:~|\.bak|\.orig|\.rpmnew|\.rpmorig|\.rpmsave|\.off)$/.test(name);
}
