"""A XenStore on the master side of a pseudo-terminal, which stands for /dev/xen/xenbus, with an agent behind it that
answers at once: what is written to data/host/ID has its answer in data/guest/ID. Every other read is answered, too."""

import json
import os
import struct
import sys
import tty

master, slave = os.openpty()
tty.setraw(master)
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
received = b""
messages = {"version": "2.1.25", "features": "resetnetwork,version,keyinit,features,password,injectfile"}
answers = {}
while True:
    received += os.read(master, 4096)
    while len(received) >= 16:
        kind, request, transaction, length = struct.unpack("<IIII", received[:16])
        if len(received) < 16 + length:
            break
        path, _, value = received[16 : 16 + length].partition(b"\0")
        received = received[16 + length :]
        answer = b"OK\0" if kind in (11, 13) else answers.get(path, b"7")
        if kind == 11 and path.startswith(b"data/host/"):
            message = messages.get(json.loads(value)["name"], "")
            guest = path.replace(b"data/host/", b"data/guest/")
            answers[guest] = json.dumps({"returncode": "0", "message": message}).encode()
        os.write(master, struct.pack("<IIII", kind, request, transaction, len(answer)) + answer)
