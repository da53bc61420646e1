"""How far arrays are from uniform, or from each other: p-values, and one verdict for many."""

from collections.abc import Iterable

import numpy as np
from scipy import special

FAMILY = 1e-6  # of a whole test: the least of n p-values must not be below FAMILY / n
FEWEST = 256  # words, below which nothing is said about an array


def _bytes(words: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(words).reshape(-1).view(np.uint8).reshape(-1, 8)


def _counts(table: np.ndarray) -> np.ndarray:
    """How often each value stands at each of the 8 positions: (8, 256)."""
    keys = table + 256 * np.arange(8)
    return np.bincount(keys.ravel(), minlength=2048).reshape(8, 256)


def _two_sided(z: np.ndarray) -> np.ndarray:
    return 2 * special.ndtr(-np.abs(z))


def uniform(words: np.ndarray) -> list[float]:
    """Bytes of every position against 256 even bins; every bit's mean; a word and the next."""
    table = _bytes(words)
    n = len(table)
    chi2 = ((_counts(table) - n / 256) ** 2).sum(axis=1) / (n / 256)
    ones = np.unpackbits(table, axis=1).sum(axis=0)
    changes = int(np.unpackbits(table[1:] ^ table[:-1]).sum())
    even = 32 * (n - 1)
    return [
        *special.chdtrc(255, chi2),
        *_two_sided((ones - n / 2) / np.sqrt(n / 4)),
        float(_two_sided((changes - even) / np.sqrt(even / 2))),
    ]


def alike(a: np.ndarray, b: np.ndarray) -> list[float]:
    """Two samples of one length: bytes of every position, in tables of two rows; bits' means."""
    table_a, table_b = _bytes(a), _bytes(b)
    n = len(table_a)
    assert n == len(table_b)
    first, second = _counts(table_a), _counts(table_b)
    both = first + second
    chi2 = ((first - second) ** 2 / np.maximum(both, 1)).sum(axis=1)
    freedom = np.maximum((both > 0).sum(axis=1) - 1, 0)
    p_values = np.where(freedom == 0, 1.0, special.chdtrc(np.maximum(freedom, 1), chi2))
    ones_a, ones_b = (np.unpackbits(t, axis=1).sum(axis=0) for t in (table_a, table_b))
    mean = (ones_a + ones_b) / (2 * n)
    spread = np.sqrt(np.maximum(2 * n * mean * (1 - mean), 1e-9))
    return [*p_values, *_two_sided((ones_a.astype(float) - ones_b) / spread)]


def accept(p_values: Iterable[float], what: str) -> None:
    """Bonferroni over all of them."""
    p = np.array(list(p_values))
    assert p.size, f"nothing was tested: {what}"
    least = float(p.min())
    assert least > FAMILY / p.size, f"{what}: p = {least:.2g} among {p.size}"
