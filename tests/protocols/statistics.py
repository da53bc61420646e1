"""How far arrays are from uniform, or from each other: p-values, and one verdict for many."""

from collections.abc import Iterable

import numpy as np
from scipy import stats

FAMILY = 1e-6  # of a whole test: the least of n p-values must not be below FAMILY / n
FEWEST = 256  # words, below which nothing is said about an array


def _bytes(words: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(words).view(np.uint8).reshape(-1, 8)


def uniform(words: np.ndarray) -> list[float]:
    """Bytes of every position against 256 even bins; every bit's mean; a word and the next."""
    table = _bytes(words.reshape(-1))
    n = len(table)
    counts = [np.bincount(table[:, k], minlength=256) for k in range(8)]
    out = [float(stats.chisquare(c).pvalue) for c in counts]
    ones = np.unpackbits(table, axis=1).sum(axis=0)
    out += (2 * stats.norm.sf(np.abs(ones - n / 2) / np.sqrt(n / 4))).tolist()
    changes = np.unpackbits(table[1:] ^ table[:-1]).sum()
    total = 64 * (n - 1)
    out.append(float(2 * stats.norm.sf(abs(changes - total / 2) / np.sqrt(total / 4))))
    return out


def alike(a: np.ndarray, b: np.ndarray) -> list[float]:
    """Two samples: bytes of every position, in a table of two rows; every bit's mean."""
    out = []
    table_a, table_b = _bytes(a.reshape(-1)), _bytes(b.reshape(-1))
    for k in range(8):
        rows = [np.bincount(t[:, k], minlength=256) for t in (table_a, table_b)]
        seen = np.array(rows)[:, np.sum(rows, axis=0) > 0]
        out.append(1.0 if seen.shape[1] < 2 else float(stats.chi2_contingency(seen).pvalue))
    ones_a, ones_b = (np.unpackbits(t, axis=1).mean(axis=0) for t in (table_a, table_b))
    spread = np.sqrt(0.25 * (1 / len(table_a) + 1 / len(table_b)))
    fixed = (ones_a == ones_b) & ((ones_a == 0) | (ones_a == 1))
    z = np.where(fixed, 0, np.abs(ones_a - ones_b) / spread)
    return out + (2 * stats.norm.sf(z)).tolist()


def accept(p_values: Iterable[float], what: str) -> None:
    """Bonferroni over all of them."""
    p = np.array(list(p_values))
    assert p.size, f"nothing was tested: {what}"
    least = float(p.min())
    assert least > FAMILY / p.size, f"{what}: p = {least:.2g} among {p.size}"
