"""Embeddings: rows of a table that is learned."""

from typing import Any

import numpy as np

from mpckernel.errors import UsageError
from mpckernel.nn import initial
from mpckernel.nn.derivatives.reading import embedding
from mpckernel.nn.linear import limit_for
from mpckernel.nn.module import Module
from mpckernel.nn.parameter import Parameter

_TERMS, _STEPS = 12, 2.0**20  # of a sum with variance 1, each a whole number of steps


class Embedding(Module):
    """Whole numbers of any shape s to rows of a table, (*s, embedding_dim); exact.

    Positions may be public, which is free, or secret: one flag of 192 bits for every row of the
    table and every position, and no party learns which row is read; outside of the table a secret
    position reads 0. weight: (num_embeddings, embedding_dim), as good as normal with variance 1
    (sums of twelve uniform numbers), kept as sfix16. limit: declared norm (see Linear). Leaks
    nothing. Raises UsageError for positions that are not whole numbers.
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, *, limit: float | None = None
    ) -> None:
        super().__init__()
        if min(num_embeddings, embedding_dim) < 1:
            raise UsageError("Embedding: a table of one row and one column at least")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        parts = initial.uniform((_TERMS, num_embeddings, embedding_dim), 0.5)
        values = (np.rint(parts * _STEPS) / _STEPS).sum(axis=0)
        self.weight = Parameter(values, norm=limit_for(values, limit))

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return embedding(x, self.weight)

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}"
