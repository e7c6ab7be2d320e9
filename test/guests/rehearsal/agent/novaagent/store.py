"""The three ways to the XenStore, in the order in which the agent looks for them."""

import subprocess

from pyxs import Client as Device  # noqa: F401

DEVICE = '/dev/xen/xenbus'
PROC_DEVICE = '/proc/xen/xenbus'


class ProcDevice:
    """The real one mixes text and bytes, so under Python 3 nothing can be asked of it but to read."""

    def __init__(self):
        self.device = Device(PROC_DEVICE)

    def read(self, path):
        return self.device.read(path)

    def list(self, path):
        raise TypeError('rstrip arg must be None or str')

    def write(self, path, value):
        raise TypeError('string argument without an encoding')

    def remove(self, path):
        self.device.remove(path)


class Programs:
    """The programs of the guest utilities, or of Xen."""

    def read(self, path):
        done = run('xenstore-read', path)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def list(self, path):
        done = run('xenstore-ls', path)
        lines = done.stdout.decode().split('\n') if done.returncode == 0 else []
        return [line.split(' = ')[0] for line in lines if line]

    def write(self, path, value):
        code = run('xenstore-write', path, value).returncode
        if code != 0:
            raise ValueError('Shell to xenstore-write returned invalid code {0}'.format(code))

    def remove(self, path):
        run('xenstore-rm', path)


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
