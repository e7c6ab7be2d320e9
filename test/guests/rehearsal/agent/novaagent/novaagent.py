"""The agent: looks for commands, carries them out, answers."""

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

from pyxs import Client

from . import __version__, debian, faults
from .secret import KeyExchange

DEVICES = ('/dev/xen/xenbus', '/proc/xen/xenbus')

log = logging.getLogger()


class Agent:
    """Answers `data/host/<id>` at `data/guest/<id>`; each command is a method, with the value for its argument."""

    def __init__(self, store):
        self.store = store
        self.system = debian
        self.exchange = None
        self.peer = None

    def provider(self):
        return self.store.read('vm-data/provider_data/provider')

    def poll(self):
        """Carries out all that is asked. Returns the names of the commands."""
        return [self.handle(one) for one in self.store.list('data/host')]

    def handle(self, one):
        request = json.loads(self.store.read('data/host/' + one))
        log.info('Event: %s -> %s', one, request['name'])
        returncode, message = self.perform(request['name'], request['value'])
        self.store.remove('data/host/' + one)
        self.answer(one, {'message': message, 'returncode': returncode})
        return request['name']

    def perform(self, name, value):
        command = getattr(self, 'do_' + name, None)
        return command(value) if command else ('0', '')

    def answer(self, one, response):
        log.info('Returning %s', json.dumps(response))
        self.store.write('data/guest/' + one, json.dumps(response))

    def do_version(self, _):
        return '0', __version__

    def do_features(self, _):
        return '0', 'kmsactivate,resetnetwork,version,keyinit,features,password,injectfile'

    def do_keyinit(self, value):
        self.exchange = self.new_exchange()
        self.peer = int(value)
        return 'D0', str(self.exchange.public)

    def new_exchange(self):
        return KeyExchange()

    def do_password(self, value):
        if not self.exchange:
            return '500', 'No keyinit before'
        try:
            password = self.exchange.decrypt(self.peer, value)
        except ValueError as error:
            return '500', str(error)
        code, said = self.system.set_password(password)
        if code != 0:
            return '500', said
        self.exchange = self.peer = None
        return '0', ''

    def do_injectfile(self, value):
        path, contents = base64.b64decode(value).split(b',', 1)
        self.inject(path.decode(), contents.decode())
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
        self.set_host_name(self.store.read('vm-data/hostname'))
        code, said = self.system.configure(self.networks())
        return str(code), said

    def set_host_name(self, name):
        if name:
            self.system.set_host_name(name)

    def networks(self):
        folder = 'vm-data/networking'
        return {mac: json.loads(self.store.read(folder + '/' + mac)) for mac in self.store.list(folder)}


def notify(state):
    """Tells systemd (sd_notify(3))."""
    address = os.environ.get('NOTIFY_SOCKET')
    if not address:
        return
    log.info('Sending notification startup is complete')
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifier:
        notifier.sendto(state, '\0' + address[1:] if address.startswith('@') else address)


def arguments():
    parser = argparse.ArgumentParser(prog='nova-agent')
    parser.add_argument('-l', dest='level', default='info', choices=['info', 'debug', 'error'])
    parser.add_argument('-o', dest='logfile', help='log to this file instead of standard error')
    parser.add_argument('--no-fork', default='False', choices=['True', 'False'])
    parser.add_argument('--poll', type=float, default=10, help='seconds between two looks')
    parser.add_argument('--version', action='version', version=__version__)
    return parser.parse_args()


def open_store():
    for device in DEVICES:
        log.info('Checking for existence of %s', device)
        if os.path.exists(device):
            return Client(device)
    return None


def start_log(logfile, level):
    handler = logging.FileHandler(logfile) if logfile else logging.StreamHandler()
    handler.setFormatter(logging.Formatter('%(asctime)s [%(levelname)-5.5s] %(message)s'))
    log.addHandler(handler)
    log.setLevel(level.upper())


def main():
    told = arguments()
    if told.no_fork == 'False' and os.fork():
        return
    start_log(told.logfile, told.level)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    store = open_store()
    agent = Agent(store)
    faults.put_into(agent)
    provider = agent.provider() if store else None
    log.info('Provider: %s', provider)
    if (provider or '').lower() != 'rackspace':
        log.error('Invalid provider for instance, agent will exit')
        sys.exit(1)
    log.info('Starting actions for novaagent.libs.debian')
    ready = False
    while True:
        done = agent.poll()
        if not ready and (not done or 'resetnetwork' in done):
            notify(b'READY=1')
            ready = True
        time.sleep(told.poll)
