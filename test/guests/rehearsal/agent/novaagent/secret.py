"""How a password comes from Nova: Diffie-Hellman, then AES with a key that MD5 makes of the shared number."""

import base64
import hashlib
import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PRIME = 162259276829213363391578010288127
BASE = 5


class KeyExchange:
    """One side of an exchange."""

    def __init__(self, base=BASE):
        self.private = int.from_bytes(os.urandom(75), 'big')
        self.public = pow(base, self.private, PRIME)
        self.peer = None

    def decrypt(self, text):
        """The password that the other side encrypted. ValueError when the keys cannot be the same."""
        shared = str(pow(self.peer, self.private, PRIME)).encode()
        key = hashlib.md5(shared).digest()
        cipher = Cipher(algorithms.AES(key), modes.CBC(hashlib.md5(key + shared).digest()))
        decryptor = cipher.decryptor()
        padded = decryptor.update(base64.b64decode(text)) + decryptor.finalize()
        padding = padded[-1] if padded else 0
        if padding > 16 or len(padded) < 16:
            raise ValueError('Invalid password data received')
        return padded[:-padding]
