"""What is the same on every system: the password, the host name, what is put aside, which interfaces there are."""

import fcntl
import logging
import os
import socket
import struct
import subprocess
import time

SIOCGIFHWADDR = 0x8927

log = logging.getLogger()


def run(*command, **options):
    """Runs a program, which is to be there: its exit code, and what it complained of."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    return done.returncode, done.stderr


class System:
    """Each kind has a `name` for the log, and `configure`, which gives exit code and message as texts."""

    HOST_NAME = '/etc/hostname'

    def back_up(self, path):
        """Moves a file out of the way, to a name that tells when."""
        if os.path.exists(path):
            suffix = '{0}.bak'.format(time.time())
            log.info('Backing up -> %s (%s)', path, suffix)
            os.rename(path, '{0}.{1}'.format(path, suffix))

    def set_password(self, password):
        """As `passwd root` takes it from a terminal."""
        return run('passwd', 'root', input='{0}\n{0}\n'.format(password).encode('utf-8'))

    def reset(self, host_name, networks):
        code = self.set_host_name(host_name)
        if code != 0:
            log.error('Error setting hostname on system')
        told = networks()
        present = {name: told[mac] for name, mac in interfaces() if mac in told}
        return self.configure(present, host_name)

    def set_host_name(self, name):
        """By hostnamectl where that is installed; what it had before is put aside, whether it succeeds or not."""
        if os.path.exists('/usr/bin/hostnamectl'):
            self.back_up(self.HOST_NAME)
            code, complaint = run('hostnamectl', 'set-hostname', name)
            if code == 0:
                return code
            log.error('Error using hostnamectl: %s', complaint)
        log.debug('Falling back to use hostname command')
        code, complaint = run('hostname', name)
        if code != 0:
            log.error('Error using hostname: %s', complaint)
        else:
            write(self.HOST_NAME, name)
        return code


def interfaces():
    """Each with its MAC as the XenStore has it. Those without an Ethernet address have zeros, or none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for name in os.listdir('/sys/class/net'):
            try:
                told = fcntl.ioctl(any_socket, SIOCGIFHWADDR, struct.pack('256s', name[:15].encode()))
            except OSError:
                continue
            yield name, told[18:24].hex().upper()


def write(path, text):
    with open(path, 'w') as file:
        file.write(text)
