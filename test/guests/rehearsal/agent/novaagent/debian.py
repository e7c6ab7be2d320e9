"""Host name, network and password of a Debian guest."""

import glob
import ipaddress
import logging
import os
import shutil
import subprocess
import time

INTERFACES = '/etc/network/interfaces'

log = logging.getLogger()


def run(*command, **options):
    """Runs a program; its exit code, and what it said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    return done.returncode, done.stdout.strip()


def back_up(path):
    """Moves a file out of the way, to a name that tells when."""
    if os.path.exists(path):
        backup = '{0}.bak'.format(time.time())
        log.info('Backing up -> %s (%s)', path, backup)
        os.rename(path, '{0}.{1}'.format(path, backup))


def write(path, text):
    with open(path, 'w') as file:
        file.write(text)


def devices():
    """The network interfaces by their MAC as the XenStore has it; those without one are left out."""
    found = {}
    for path in sorted(glob.glob('/sys/class/net/*/address')):
        with open(path) as file:
            mac = file.read().strip().replace(':', '').upper()
        if mac:
            found[mac] = path.split('/')[4]
    return found


def set_password(password):
    """As `passwd root` takes it from a terminal."""
    return run('passwd', 'root', input='{0}\n{0}\n'.format(password))


def set_host_name(name):
    """By hostnamectl where it can; without a running systemd or D-Bus it cannot."""
    code, said = run('hostnamectl', 'set-hostname', name) if shutil.which('hostnamectl') else (1, '')
    if code == 0:
        return
    log.info('Error using hostnamectl: %s', said)
    code, said = run('hostname', name)
    if code != 0:
        log.error('Error setting hostname: %s', said)
    write('/etc/hostname', name + '\n')


def configure(networks):
    """
    Makes the network what Nova says.
    networks: what the XenStore has of each, by its MAC.
    Returns exit code and output of what failed, or 0 and nothing.
    """
    present = [(device, networks[mac]) for mac, device in devices().items() if mac in networks]
    for device, _ in present:
        run('ifdown', '--force', device)
        run('ip', 'addr', 'flush', 'dev', device)
    back_up(INTERFACES)
    write(INTERFACES, interfaces_file(present))
    servers = name_servers(present)
    if servers and not shutil.which('resolvconf'):
        write('/etc/resolv.conf', ''.join('nameserver {0}\n'.format(server) for server in servers))
    for device, _ in present:
        code, said = run('ifup', device)
        if code != 0:
            log.error('Error received on network restart: %s', said)
            return code, said
    return 0, ''


def name_servers(present):
    return list(dict.fromkeys(server for _, network in present for server in network.get('dns', [])))


def interfaces_file(present):
    """The whole of /etc/network/interfaces."""
    blocks = ['auto lo\niface lo inet loopback\n']
    blocks += [block for device, network in present for block in stanzas(device, network)]
    return '\n'.join(blocks)


def stanzas(device, network):
    """One for the first address of each family with all that belongs to the network, one for each further address."""
    yield '# Label {0}\nauto {1}\n'.format(network['label'], device)
    for at, entry in enumerate(network.get('ips', [])):
        lines = ['iface {0} inet static'.format(device), 'address {0}'.format(entry['ip'])]
        lines.append('netmask {0}'.format(entry['netmask']))
        if at == 0 and network.get('gateway'):
            lines.append('gateway {0}'.format(network['gateway']))
        if at == 0 and network.get('dns'):
            lines.append('dns-nameservers {0}'.format(' '.join(network['dns'])))
        for route in network.get('routes', []) if at == 0 else []:
            to = ipaddress.ip_network('{route}/{netmask}'.format(**route))
            for hook, verb in (('post-up', 'add'), ('pre-down', 'del')):
                lines.append('{0} ip route {1} {2} via {3} || true'.format(hook, verb, to, route['gateway']))
        yield '\n    '.join(lines) + '\n'
    for at, entry in enumerate(network.get('ip6s', [])):
        lines = ['iface {0} inet6 static'.format(device), 'address {0}'.format(entry.get('ip') or entry['address'])]
        lines.append('netmask {0}'.format(entry['netmask']))
        if at == 0 and network.get('gateway_v6'):
            lines.append('gateway {0}'.format(network['gateway_v6']))
        yield '\n    '.join(lines) + '\n'
