"""The network of Red Hat Enterprise Linux and its kin, by network scripts or NetworkManager."""

import glob
import logging
import os
import re
import subprocess

from .system import System, run, write

SCRIPTS = '/etc/sysconfig/network-scripts'
NETWORK = '/etc/sysconfig/network'

# From which release on NetworkManager is asked for, by the ID of os-release(5).
MANAGED_SINCE = {'rhel': 8, 'almalinux': 8, 'centos': 8, 'rocky': 8, 'fedora': 29}

# What the agent sets, and what it takes for a comment: all other lines of an ifcfg file stay.
SET = re.compile(
    r'^(?:BOOTPROTO=|DEVICE=|GATEWAY=|IPV6INIT=|IPV6ADDR=|IPV6_DEFAULTGW=|ONBOOT=|NM_CONTROLLED=|HWADDR='
    r'|DNS\d+?=|IPADDR\d?|NETMASK\d?|#|\s+)'
)

log = logging.getLogger()


class Centos(System):
    name = 'novaagent.libs.centos'

    def __init__(self):
        self.managed = uses_network_manager()

    def configure(self, networks, host_name):
        """Where there is no /etc/sysconfig it ends here, with the host name set and nothing else."""
        self.back_up(NETWORK)
        write(NETWORK, 'NETWORKING=yes\nNOZEROCONF=yes\nNETWORKING_IPV6=yes\nHOSTNAME={0}\n'.format(host_name))
        present = {'{0}/ifcfg-{1}'.format(SCRIPTS, name) for name in os.listdir('/sys/class/net')}
        for path in glob.glob(SCRIPTS + '/ifcfg-*'):
            if '.' not in path and path not in present:
                self.back_up(path)
        for device, network in networks.items():
            path = '{0}/ifcfg-{1}'.format(SCRIPTS, device)
            text = self.ifcfg(device, network, others_of(path))
            self.back_up(path)
            write(path, text)
            if 'routes' in network:
                self.back_up('{0}/route-{1}'.format(SCRIPTS, device))
                write('{0}/route-{1}'.format(SCRIPTS, device), routes_file(network['routes']))
            if run('ip', 'addr', 'flush', 'dev', device)[0] != 0:
                log.error('Error flushing interface: %s', device)
        code, complaint = self.restart()
        if code != 0:
            log.error('Error received on network restart: %s', complaint)
            return str(code), 'Error restarting network'
        return '0', ''

    def ifcfg(self, device, network, others):
        lines = ['# Automatically generated, do not edit', '', '# Label {0}'.format(network['label'])]
        lines += ['BOOTPROTO=static', 'DEVICE=' + device]
        for at, entry in enumerate(network.get('ips') or []):
            number = at or ''
            lines += ['IPADDR{0}={1}'.format(number, entry['ip']), 'NETMASK{0}={1}'.format(number, entry['netmask'])]
        if network.get('gateway'):
            lines.append('GATEWAY=' + network['gateway'])
        if network.get('ip6s'):
            lines.append('IPV6INIT=yes')
            for at, entry in enumerate(network['ip6s']):
                lines.append('IPV6ADDR{0}={1}/{2}'.format(at or '', entry['ip'], entry['netmask']))
            lines.append('IPV6_DEFAULTGW={0}%{1}'.format(network['gateway_v6'], device))
        lines += ['DNS{0}={1}'.format(at + 1, server) for at, server in enumerate(network.get('dns') or [])]
        lines.append('ONBOOT=yes')
        if not self.managed:
            lines.append('NM_CONTROLLED=no')
        return '\n'.join(lines + others) + '\n'

    def restart(self):
        if self.managed:
            for words in (['connection', 'reload'], ['networking', 'off'], ['networking', 'on']):
                code, complaint = run('nmcli', *words)
                if code != 0:
                    break
            return code, complaint
        if os.path.exists('/usr/bin/systemctl'):
            return run('systemctl', 'restart', 'network.service')
        return run('service', 'network', 'restart')


class Redhat(Centos):
    name = 'novaagent.libs.redhat'


def others_of(path):
    if not os.path.isfile(path):
        return []
    with open(path) as file:
        return [line.strip() for line in file if not SET.search(line)]


def routes_file(routes):
    return ''.join(
        'ADDRESS{0}={1}\nNETMASK{0}={2}\nGATEWAY{0}={3}\n'.format(at, one['route'], one['netmask'], one['gateway'])
        for at, one in enumerate(routes)
    )


def uses_network_manager():
    """A release without a number ends the agent, as it does the real one."""
    told = release()
    name, version = told.get('ID', ''), int(told.get('VERSION_ID', '').split('.')[0])
    log.info('Linux Distribution Detected: %s Version %s', name, version)
    if name not in MANAGED_SINCE or version < MANAGED_SINCE[name]:
        return False
    try:
        asked = subprocess.run(['systemctl', 'is-enabled', 'NetworkManager.service'], stdout=subprocess.PIPE)
        return asked.returncode == 0 and b'enabled' in asked.stdout
    except OSError as error:
        log.info('Error checking if NetworkManager is enabled %s', error)
        return False


def release():
    with open('/etc/os-release') as file:
        pairs = [line.strip().split('=', 1) for line in file if '=' in line]
    return {name: value.strip('"\'') for name, value in pairs}
