"""Batches: which rows a step takes.

The order is public: a permutation from the seed of nn.manual_seed, or from a coin of all
parties. Who owns which row of a batch is then known; values are not. A secret shuffle before the
training hides that as well.
Source: PyTorch's DataLoader.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mpckernel.errors import UsageError
from mpckernel.nn import initial

SHUFFLES = ("public", "secret", None)


class Batches:
    """Row numbers of batches of `size` out of n, epoch by epoch.

    shuffle: "public", another order in each epoch; None or "secret": rows as they lie. Rows
    that do not fill a batch are left out of an epoch; fewer rows than `size` are one batch.
    Raises UsageError for no rows, a size that is not positive, or another shuffle.
    """

    def __init__(self, n: int, size: int, *, shuffle: str | None = "public") -> None:
        if n < 1 or not isinstance(size, int) or size < 1:
            raise UsageError("batches take at least one row, and a positive batch_size")
        if shuffle not in SHUFFLES:
            raise UsageError('shuffle= is "public", "secret" or None')
        self.n, self.size, self.shuffle = n, min(size, n), shuffle

    def __len__(self) -> int:
        """Batches in an epoch."""
        return self.n // self.size

    def epoch(self) -> Iterator[Any]:
        """The rows of each batch of the next epoch: numbers, or a slice."""
        order = self._order()
        for k in range(len(self)):
            rows = slice(k * self.size, (k + 1) * self.size)
            yield rows if order is None else order[rows]

    def _order(self) -> Any:
        if self.shuffle != "public":
            return None
        return np.argsort(initial.uniform((self.n,), 1.0), kind="stable")
