"""
What agents get wrong. Each line of /etc/nova-agent-faults names one of these, with what it needs to know.
"""

import glob
import os
import signal
import time

from .secret import KeyExchange

LIST = '/etc/nova-agent-faults'
KNOWN = {}

ETHERNET, LOOPBACK = '1', '772'


def put_into(agent):
    """Makes an agent faulty."""
    if os.path.exists(LIST):
        with open(LIST) as file:
            for line in file:
                name, *words = line.split()
                KNOWN[name](agent, *words)


def fault(function):
    KNOWN[function.__name__.replace('_', '-')] = function
    return function


@fault
def never_answers(agent):
    """To systemd it seems well."""
    agent.poll = lambda: []


@fault
def answers_late(agent, seconds):
    perform = agent.perform

    def late(name, value):
        time.sleep(float(seconds))
        return perform(name, value)

    agent.perform = late


@fault
def crashes_with_a_tunnel(agent):
    """As 1.x did before 1.39.1: a link without a hardware address has no address to look at."""
    reset = agent.do_resetnetwork

    def crashing(value):
        for path in glob.glob('/sys/class/net/*/type'):
            with open(path) as file:
                if file.read().strip() not in (ETHERNET, LOOPBACK):
                    os.kill(os.getpid(), signal.SIGSEGV)
        return reset(value)

    agent.do_resetnetwork = crashing


@fault
def sets_no_password(agent):
    agent.do_password = lambda value: ('0', '')


class WrongExchange(KeyExchange):
    def decrypt(self, text):
        raise ValueError('Invalid password data received')


@fault
def exchanges_wrong_keys(agent):
    """What comes out is no text: the real agent says so, but for one time in sixteen, when it ends."""
    agent.new_exchange = lambda: WrongExchange(base=3)


@fault
def writes_wrong_address(agent):
    networks = agent.networks

    def wrong():
        told = networks()
        for network in told.values():
            for entry in network['ips']:
                start, last = entry['ip'].rsplit('.', 1)
                entry['ip'] = '{0}.{1}'.format(start, int(last) ^ 3)
        return told

    agent.networks = wrong


@fault
def sets_no_host_name(agent):
    agent.system.set_host_name = lambda name: 0


@fault
def forgets_name_servers(agent):
    networks = agent.networks
    agent.networks = lambda: {mac: dict(told, dns=[]) for mac, told in networks().items()}


@fault
def writes_outside(agent):
    inject = agent.inject

    def twice(path, contents):
        inject(path, contents)
        inject('/srv/elsewhere', contents)

    agent.inject = twice


@fault
def leaves_requests(agent):
    agent.store.remove = lambda path: None


@fault
def answers_no_json(agent):
    """Python's idea of a dictionary is not JSON's of an object."""
    agent.answer = lambda one, response: agent.store.write('data/guest/' + one, str(response))


@fault
def fails_to_reset(agent):
    agent.do_resetnetwork = lambda value: ('500', "Couldn't restart network: 1")


@fault
def finds_no_provider(agent):
    agent.provider = lambda: None
