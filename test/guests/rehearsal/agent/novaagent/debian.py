"""The network of Debian, by ifupdown or netplan, and of Alpine."""

import json
import logging
import os
import time

from .system import System, run, write

INTERFACES = '/etc/network/interfaces'
NETPLAN = '/etc/netplan/rackspace-cloud.yaml'

log = logging.getLogger()


class Alpine(System):
    name = 'novaagent.libs.alpine'

    def configure(self, networks, _):
        self.back_up(INTERFACES)
        write(INTERFACES, interfaces_file(networks))
        for device in networks:
            for program, what in (
                (['ifdown', device], 'stopping'),
                (['ip', 'addr', 'flush', 'dev', device], 'flushing'),
                (None, ''),
                (['ifup', device], 'starting'),
            ):
                if program is None:
                    time.sleep(1)
                    continue
                code, complaint = run(*program)
                if code != 0:
                    if what == 'starting':
                        log.error('Error received on network restart: %s', complaint)
                    return str(code), 'Error {0} network: {1}'.format(what, device)
        return '0', ''


class Debian(Alpine):
    name = 'novaagent.libs.debian'

    def configure(self, networks, host_name):
        if not os.path.exists('/usr/sbin/netplan'):
            return super().configure(networks, host_name)
        self.back_up(NETPLAN)
        write(NETPLAN, netplan_file(networks))
        code, complaint = run('netplan', 'apply')
        return ('0', '') if code == 0 else (str(code), 'Error applying netplan: {0}'.format(complaint))


def interfaces_file(networks):
    """The whole of /etc/network/interfaces: what else was in it is gone."""
    lines = ['# The loopback network interface', 'auto lo', 'iface lo inet loopback', '']
    for device, network in networks.items():
        lines.append('# Label {0}'.format(network['label']))
        for at, entry in enumerate(network.get('ips') or []):
            name = device if at == 0 else '{0}:{1}'.format(device, at)
            lines += ['', 'auto ' + name, 'iface {0} inet static'.format(name)]
            lines += ['\taddress ' + entry['ip'], '\tnetmask ' + entry['netmask']]
            if at == 0:
                lines += of_first_address(network)
        for at, entry in enumerate(network.get('ip6s') or []):
            name = device if at == 0 else '{0}:{1}'.format(device, at)
            lines += ['', 'iface {0} inet6 static'.format(name)]
            # From the second on, a line break is missing: ifupdown then refuses the whole file.
            lines += ['\taddress {0}{1}\tnetmask {2}'.format(entry['ip'], '\n' if at == 0 else '', entry['netmask'])]
            if at == 0 and network.get('gateway_v6'):
                lines.append('\tgateway ' + network['gateway_v6'])
        lines.append('')
    return '\n'.join(lines) + '\n'


def of_first_address(network):
    if network.get('gateway'):
        yield '\tgateway ' + network['gateway']
    if network.get('dns'):
        # Of use only to resolvconf, which reads it.
        yield '\tdns-nameservers ' + ' '.join(network['dns'])
    for route in network.get('routes', []):
        # By route(8) of net-tools; without it nothing is said.
        what = '-net {route} netmask {netmask} gw {gateway} || true'.format(**route)
        yield '\tpost-up route add ' + what
        yield '\tpost-down route add ' + what


def netplan_file(networks):
    """JSON is YAML."""
    ethernets = {}
    for device, network in networks.items():
        told = ethernets[device] = {'dhcp4': False}
        told['addresses'] = [with_prefix(entry['ip'], entry['netmask']) for entry in network.get('ips') or []]
        if network.get('gateway'):
            told['gateway4'] = network['gateway']
        if network.get('ip6s'):
            told.update(dhcp6=False, gateway6=network.get('gateway_v6'))
            told['addresses'] += ['{ip}/{netmask}'.format(**entry) for entry in network['ip6s']]
        if network.get('dns'):
            told['nameservers'] = {'addresses': network['dns']}
        if network.get('routes'):
            told['routes'] = [
                {'to': with_prefix(route['route'], route['netmask']), 'via': route['gateway']}
                for route in network['routes']
            ]
    return json.dumps({'network': {'version': 2, 'renderer': 'networkd', 'ethernets': ethernets}}) + '\n'


def with_prefix(address, netmask):
    return '{0}/{1}'.format(address, sum(bin(int(part)).count('1') for part in netmask.split('.')))
