"""A client of the XenStore by the wire protocol (Xen's docs/misc/xenstore.txt), no larger than the agent needs."""

import os
import struct

DIRECTORY, READ, WRITE, REMOVE, ERROR = 1, 2, 11, 13, 16


class StoreError(Exception):
    """The store refused; its text is the name of the error: ENOENT, EACCES."""


class Client:
    """Paths are relative to the guest's own home."""

    def __init__(self, device):
        self.device = os.open(device, os.O_RDWR | os.O_NOCTTY)
        self.last = 0

    def read(self, path):
        """The value of a node."""
        return self._call(READ, path.encode() + b'\0').decode().strip()

    def list(self, path):
        """The names below a node."""
        names = self._call(DIRECTORY, path.encode() + b'\0')
        return [name.decode() for name in names.split(b'\0') if name]

    def write(self, path, value):
        self._call(WRITE, path.encode() + b'\0' + value.encode())

    def remove(self, path):
        self._call(REMOVE, path.encode() + b'\0')

    def _call(self, kind, payload):
        self.last += 1
        self._send(struct.pack('=IIII', kind, self.last, 0, len(payload)) + payload)
        while True:
            answered, request, _, length = struct.unpack('=IIII', self._receive(16))
            answer = self._receive(length)
            if request != self.last:
                continue  # meant for whoever had the device before
            if answered == ERROR:
                raise StoreError(answer.rstrip(b'\0').decode())
            return answer

    def _send(self, packet):
        while packet:
            packet = packet[os.write(self.device, packet):]

    def _receive(self, length):
        data = b''
        while len(data) < length:
            part = os.read(self.device, length - len(data))
            if not part:
                raise EOFError('the XenStore is gone')
            data += part
        return data
