"""Pseudo-random words as a function of (key, call, use): AES in counter mode.

Source: NIST SP 800-38A, section 6.5 (CTR); RFC 5869 (HKDF).
Counter block: call, 8 bytes | use, 4 bytes | number of the block, 4 bytes; all big-endian.
Words are read little-endian from the key stream. No draw depends on an earlier one.
"""

import struct
from math import prod

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR, ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mpckernel.errors import Bug
from mpckernel.ring.words import Shape, Words

_HEAD = struct.Struct(">QI")
_FIRST = struct.Struct(">QII")
_LITTLE = np.dtype("<u8")
_SMALL = 64
_TAILS = [b"", *(k.to_bytes(4, "big") for k in range(_SMALL // 2))]
_ZEROS = bytes(256 * 1024)
_NUMBER = bytes(4)  # of the first block
_BLOCKS = 1 << 32


class Prg:
    """Words from one key. The caller never uses the same (call, use) twice. For one thread."""

    __slots__ = ("_aes", "_ctr", "_ecb")

    def __init__(self, key: bytes) -> None:
        if len(key) not in (16, 32):
            raise Bug("a Prg takes a key of 16 or 32 bytes")
        self._aes = AES(key)
        # ECB over explicit counter blocks is counter mode; for a few words it takes less time.
        self._ecb = Cipher(self._aes, ECB()).encryptor()  # noqa: S305
        self._ctr: CipherContext | None = None  # made for the first long draw

    def words(self, shape: int | Shape, call: int, use: int) -> Words:
        """Uniform words of the given shape; a longer draw begins with the shorter one."""
        n = shape if isinstance(shape, int) else prod(shape)
        try:
            if 0 < n <= 2:  # one block
                stream = self._ecb.update(_FIRST.pack(call, use, 0))
                out = np.frombuffer(bytearray(stream), _LITTLE, n)
            else:
                out = self._longer(n, _HEAD.pack(call, use))
        except struct.error:
            raise Bug("a draw is outside the counter's range") from None
        return out if shape is n else out.reshape(shape)

    def _longer(self, n: int, head: bytes) -> Words:
        if not 0 <= n <= 2 * _BLOCKS:
            raise Bug("a draw is outside the counter's range")
        return self._few(n, head) if n <= _SMALL else self._many(n, head)

    def _few(self, n: int, head: bytes) -> Words:
        blocks = (n + 1) // 2
        stream = self._ecb.update(head.join(_TAILS[: blocks + 1]))
        return np.frombuffer(bytearray(stream), _LITTLE, n)

    def _many(self, n: int, head: bytes) -> Words:
        out = np.empty(n + 2, "<u8")  # the cipher asks for room for one block more
        octets = out.view(np.uint8).data
        stream = self._ctr
        if stream is None:
            stream = self._ctr = Cipher(self._aes, CTR(head + _NUMBER)).encryptor()
        else:
            stream.reset_nonce(head + _NUMBER)
        for start in range(0, 8 * n, len(_ZEROS)):
            size = min(len(_ZEROS), 8 * n - start)
            stream.update_into(memoryview(_ZEROS)[:size], octets[start:])
        return out[:n].astype(np.uint64, copy=False)


def derive(key: bytes, *labels: bytes, size: int = 16) -> bytes:
    """A key of `size` bytes for these labels: HKDF-SHA256 with no salt.

    The labels go in as: size, 4 bytes | then for each its length, 4 bytes, and itself; big-endian.
    So different lists of labels, and different sizes, never give related keys.
    """
    info = size.to_bytes(4, "big") + b"".join(len(x).to_bytes(4, "big") + x for x in labels)
    return HKDF(SHA256(), size, None, info).derive(key)
