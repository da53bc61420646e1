"""Pseudo-random words as a function of (key, call, use): AES in counter mode.

Source: NIST SP 800-38A, section 6.5 (CTR); RFC 5869 (HKDF).
Counter block: call, 8 bytes | use, 4 bytes | number of the block, 4 bytes; all big-endian.
Words are read little-endian from the key stream. No draw depends on an earlier one.
"""

import struct
from math import prod

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
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
_SEVERAL = 4096  # words, up to which making counter blocks takes less time than making a cipher
_BLOCK = np.dtype([("call", ">u8"), ("use", ">u4"), ("number", ">u4")])
_ZEROS = bytes(256 * 1024)
_BLOCKS = 1 << 32
_NO_BLOCKS = np.empty(0, _BLOCK)


class Prg:
    """Words from one key. The caller never uses the same (call, use) twice. For one thread."""

    __slots__ = ("_aes", "_blocks", "_ecb")

    def __init__(self, key: bytes) -> None:
        if len(key) not in (16, 32):
            raise Bug("a Prg takes a key of 16 or 32 bytes")
        self._aes = AES(key)
        # ECB over explicit counter blocks is counter mode; it saves making a cipher a draw.
        self._ecb = Cipher(self._aes, ECB()).encryptor()  # noqa: S305
        self._blocks = _NO_BLOCKS

    def words(self, shape: int | Shape, call: int, use: int) -> Words:
        """Uniform words of the given shape; a longer draw begins with the shorter one."""
        n = shape if isinstance(shape, int) else prod(shape)
        try:
            if 0 < n <= 2:  # one block
                stream = self._ecb.update(_FIRST.pack(call, use, 0))
                out = np.frombuffer(bytearray(stream), _LITTLE, n)
            elif _SMALL < n <= _SEVERAL:
                out = self._several(n, call, use)
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

    def _several(self, n: int, call: int, use: int) -> Words:
        _HEAD.pack(call, use)  # refuses what is outside the counter's range
        if not self._blocks.size:
            self._blocks = np.empty(_SEVERAL // 2, _BLOCK)
            self._blocks["number"] = np.arange(_SEVERAL // 2)
        blocks = self._blocks[: (n + 1) // 2]
        blocks["call"], blocks["use"] = call, use
        out = np.empty(2 * blocks.size + 2, "<u8")  # the cipher asks for room for one block more
        self._ecb.update_into(blocks.view(np.uint8).data, out.view(np.uint8).data)
        return out[:n].astype(np.uint64, copy=False)

    def _many(self, n: int, head: bytes) -> Words:
        out = np.empty(n + 2, "<u8")  # the cipher asks for room for one block more
        octets = out.view(np.uint8).data
        stream = Cipher(self._aes, CTR(head + bytes(4))).encryptor()
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
