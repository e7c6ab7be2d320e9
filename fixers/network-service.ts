import { networkAtBoot } from '../images/guest/network/at-boot.js';
import { services } from '../images/guest/init/services.js';
import { defineFixer } from './lib/fixer.js';

export const networkServiceFixer = defineFixer({
  meta: {
    id: 'network-service',
    title: 'Bring the network up at every boot',
    risk: 'safe',
    phase: 'enable',
    docs: 'Unmasks and enables the service that reads what nova-agent writes (networking, systemd-networkd or network), with the links that `systemctl enable`, `insserv` or `chkconfig` would make. Missing software is not installed.',
  },
  needs: { networkAtBoot, services },
  async *plan({ facts: { networkAtBoot: network, services } }) {
    const kind = network?.fault?.kind;
    if (network?.service === undefined || (kind !== 'not-enabled' && kind !== 'masked')) return;
    const service = services.find(network.service);
    if (service) yield* await services.enable(service);
  },
});
