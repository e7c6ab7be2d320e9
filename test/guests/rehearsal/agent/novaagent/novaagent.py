"""
The agent: looks for commands, carries them out, answers. What it does, and how it fails, is what nova-agent 2.1.25 does
(Rackspace-DOT/nova-agent on GitHub, novaagent/novaagent.py and novaagent/common): it has no faults but the real one's.
"""

import argparse
import base64
import json
import logging
import os
import signal
import socket
import stat
import sys
import tempfile
import time

from . import __version__, debian, faults, redhat
from .secret import KeyExchange
from .store import DEVICE, PROC_DEVICE, Device, ProcDevice, Programs

log = logging.getLogger()

# Which system it is: the first of these files that is there. os-release is never read.
SYSTEMS = (
    ('/etc/alpine-release', debian.Alpine),
    ('/etc/centos-release', redhat.Centos),
    ('/etc/fedora-release', redhat.Centos),
    ('/etc/redhat-release', redhat.Redhat),
    ('/etc/debian_version', debian.Debian),
)


class Agent:
    """Answers `data/host/<id>` at `data/guest/<id>`; each command is a method, with the value for its argument."""

    def __init__(self, system):
        self.system = system
        self.store = None
        self.exchange = None

    def provider(self):
        try:
            return self.store.read('vm-data/provider_data/provider')
        except Exception as error:
            log.error('Exception occurred trying to get provider: %s', error)
            return None

    def poll(self):
        """Carries out all that is asked. Returns the names of the commands."""
        try:
            waiting = self.store.list('data/host')
        except Exception as error:
            log.debug('Exception reading data/host: %s', error)
            waiting = []
        return [self.handle(one) for one in waiting]

    def handle(self, one):
        """What it throws ends the agent, in the midst of the command."""
        request = json.loads(self.store.read('data/host/' + one))
        log.info('Event: %s -> %s', one, request['name'])
        returncode, message = self.perform(request['name'], request['value'])
        try:
            self.store.remove('data/host/' + one)
        except Exception as error:
            log.error('Exception was caught removing xen event: %s', error)
        try:
            self.answer(one, {'message': message, 'returncode': returncode})
        except Exception as error:
            log.error('Exception was caught writing xen event: %s', error)
        log.info('Returning {"message": "%s", "returncode": "%s"}', message, returncode)
        return request['name']

    def perform(self, name, value):
        command = getattr(self, 'do_' + name, None)
        return command(value) if command else ('0', '')

    def answer(self, one, response):
        self.store.write('data/guest/' + one, json.dumps(response))

    def do_version(self, _):
        return '0', __version__

    def do_features(self, _):
        return '0', 'kmsactivate,resetnetwork,version,keyinit,features,password,injectfile'

    def do_keyinit(self, value):
        self.exchange = self.new_exchange()
        self.exchange.peer = int(value)
        return 'D0', str(self.exchange.public)

    def new_exchange(self):
        return KeyExchange()

    def do_password(self, value):
        """Its failures have a number for a code."""
        if not self.exchange:
            return 500, 'Password without key exchange'
        try:
            secret = self.exchange.decrypt(value)
        except ValueError as error:
            return 500, str(error)
        # With other keys on the other side this is mostly no text: that ends the agent.
        code, complaint = self.system.set_password(secret.decode('utf-8').strip('\n'))
        if code != 0:
            return 500, 'Failed to change password for root: {0} : {1}'.format(code, complaint)
        self.exchange = None
        return '0', ''

    def do_injectfile(self, value):
        try:
            text = base64.b64decode(value)
        except Exception:
            return '500', 'Error doing base64 decoding of data'
        path, contents = text.decode('utf-8').split(',', 1)
        self.inject(path, contents)
        return '0', ''

    def inject(self, path, contents):
        """A new file is its owner's alone; one that is there keeps its mode and owner."""
        folder = os.path.dirname(path)
        os.makedirs(folder, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=folder)
        with open(descriptor, 'w') as file:
            if os.path.exists(path):
                there = os.stat(path)
                os.fchown(descriptor, there.st_uid, there.st_gid)
                os.fchmod(descriptor, stat.S_IMODE(there.st_mode))
            file.write(contents)
        self.system.back_up(path)
        os.rename(temporary, path)

    def do_resetnetwork(self, _):
        return self.system.reset(self.host_name(), self.networks)

    def host_name(self):
        try:
            name = self.store.read('vm-data/hostname')
        except Exception:
            name = socket.gethostname()
        log.info('Hostname: %s', name)
        return name

    def networks(self):
        """What the XenStore has of each network, by its MAC."""
        folder = 'vm-data/networking'
        try:
            macs = self.store.list(folder)
        except Exception as error:
            log.error('Exception was caught getting mac addrs: %s', error)
            macs = []
        return {mac: json.loads(self.store.read(folder + '/' + mac)) for mac in macs}


def notify(state):
    """Tells systemd (sd_notify(3)); upstart goes by a stop of the process (`expect stop`)."""
    log.info('Sending notification startup is complete')
    address = os.environ.get('NOTIFY_SOCKET', '')
    if os.path.isdir('/run/systemd/system'):
        if len(address) > 1 and address[0] in '@/':
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifier:
                notifier.sendto(state, '\0' + address[1:] if address[0] == '@' else address)
    elif os.environ.get('UPSTART_JOB', 'rc') != 'rc':
        os.kill(os.getpid(), signal.SIGSTOP)


def arguments():
    """Whatever else it is told ends it with 2. Any text is true, `--no-fork False` as well."""
    parser = argparse.ArgumentParser(description='Args for novaagent')
    parser.add_argument('-l', dest='level', default='info', choices=('warning', 'info', 'debug'))
    parser.add_argument('-o', dest='logfile', default='-')
    parser.add_argument('--no-fork', dest='no_fork', default=False, type=bool)
    parser.add_argument('--version', action='store_true')
    return parser.parse_args()


def start_log(logfile, level):
    place = {'stream': sys.stdout} if logfile == '-' else {'filename': logfile}
    form = '%(asctime)s [%(levelname)-5.5s] %(message)s'
    logging.basicConfig(level=level.upper(), format=form, **place)


def system_of_this_guest():
    """The real one ends where it knows none: it calls what is not there."""
    kind = next((kind for path, kind in SYSTEMS if os.path.exists(path)), None)
    if kind is None:
        raise AttributeError("'NoneType' object has no attribute 'ServerOS'")
    return kind()


def open_store():
    log.info('Checking for existence of %s', DEVICE)
    if os.path.exists(DEVICE):
        return Device(DEVICE)
    if os.path.exists(PROC_DEVICE):
        log.info('Using %s', PROC_DEVICE)
        return ProcDevice()
    return Programs()


def main():
    told = arguments()
    if told.version:
        print(__version__)
        return
    start_log(told.logfile, told.level)
    log.info('Agent is starting up')
    agent = Agent(system_of_this_guest())
    if told.no_fork:
        log.info('Skipping os.fork as directed by arguments')
    else:
        log.info('Starting daemon')
        child = os.fork()
        if child > 0:
            log.info('PID: %s', child)
            os._exit(0)
    log.info('Starting actions for %s', agent.system.name)
    agent.store = open_store()
    faults.put_into(agent)
    provider = agent.provider()
    log.info('Provider: %s', provider)
    if provider is None or provider.lower() != 'rackspace':
        log.error('Invalid provider for instance, agent will exit')
        os._exit(1)
    # The real one sleeps ten seconds; it has no option for that, and nor has this.
    poll = float(os.environ.get('STAND_IN_POLL', 10))
    ready = False
    while True:
        done = agent.poll()
        if not ready and (not done or 'resetnetwork' in done):
            notify(b'READY=1')
            ready = True
        time.sleep(poll)


if __name__ == '__main__':
    main()
