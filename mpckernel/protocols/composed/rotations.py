"""Public orthogonal matrices that nobody chose: the same at every party, of known determinant.

Reflections of vectors drawn from a fixed key. Sums are of whole numbers, and so exact in any order,
and the rest are single operations that IEEE 754 defines: no processor rounds them differently.

Source: products of reflections of growing length, Stewart 1980.
Departs from it in: entries of vectors are sums of eight nibbles instead of normal variables.
Notation: Q = words / 2^30.
"""

from functools import lru_cache

import numpy as np

from mpckernel.ring.prg import Prg, derive
from mpckernel.ring.words import Words, as_words

SCALE = 30  # fraction bits of the matrices
_FINE = 40  # of the products on the way: a vector's entry times 2^40, summed, stays below 2^62
_KEY = derive(b"public rotation.", b"mpckernel", b"determinant")


@lru_cache(16)
def rotation(p: int, which: int) -> tuple[Words, bool]:
    """(Q, whether det Q < 0): the matrix `which` of p rows; |det Q| is 1 within 2^-27."""
    q, odd = np.eye(p, dtype=np.int64) << _FINE, False
    draws = Prg(_KEY).words((p, p), p, which)
    for k in range(p):
        v = _vector(draws[k, : p - k])
        length = int((v * v).sum())
        if length:
            rows = q[k:]
            rows -= np.rint(v[:, None] * ((2 * v @ rows) / length)).astype(np.int64)
            odd = not odd
    return as_words((q + (1 << _FINE - SCALE - 1)) >> _FINE - SCALE), odd


def _vector(words: Words) -> np.ndarray:
    """Whole numbers, about normal, with standard deviation 13."""
    nibbles = (words[:, None] >> np.arange(0, 32, 4, dtype=np.uint64)) & np.uint64(15)
    return nibbles.astype(np.int64).sum(1) - 60
