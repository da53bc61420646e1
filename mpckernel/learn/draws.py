"""Public random choices of models, the same at every party: which rows, which columns, where to
start.

They are a function of random_state alone and tell nothing of the data.
Source: the counter mode of ring/prg.py, one key for each seed and purpose.
"""

from typing import Any

import numpy as np

from mpckernel.errors import UsageError
from mpckernel.ring.prg import Prg, derive

_SEED = b"mpckernel learn: public"  # nothing is hidden by it


class Draws:
    """Uniform numbers for one seed and purpose, one after the other."""

    def __init__(self, seed: Any, purpose: str) -> None:
        if not isinstance(seed, int | np.integer) or seed < 0:
            raise UsageError("random_state is a public whole number, the same at every party")
        self._prg = Prg(derive(_SEED, str(int(seed)).encode(), purpose.encode()))
        self._made = 0

    def uniform(self, *shape: int) -> np.ndarray:
        """float64 in [0, 1), multiples of 2^-53."""
        self._made += 1
        return (self._prg.words(shape, self._made, 0) >> 11) * 2.0**-53

    def below(self, n: int, *shape: int) -> np.ndarray:
        """Whole numbers 0 .. n - 1, n < 2^40; uniform to 2^-13."""
        return np.floor(self.uniform(*shape) * n).astype(np.int64)

    def order(self, n: int, *shape: int) -> np.ndarray:
        """Permutations of 0 .. n - 1 along a new last axis."""
        return np.argsort(self.uniform(*shape, n), axis=-1, kind="stable")
