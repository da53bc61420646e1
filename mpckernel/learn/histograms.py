"""Columns in bins: where they may be split, which rows lie below, and what is there on each side.

Edges are secret quantiles, or public. Every row is compared with every edge once; after that a
histogram of any group of rows is one exact matrix product.
Source: the histograms of LightGBM (Ke and others, 2017) and of scikit-learn.
"""

from typing import Any

import numpy as np

from mpckernel.array.functions.fused import declared
from mpckernel.array.publics import as_number, operand
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError


def edges_of(rows: SecretArray, bins: Any) -> Any:
    """(p, m) places where columns may be split. bins: a public number m + 1 of them, for secret
    quantiles that are elements of the columns; or the public (p, m) edges themselves, which are
    rounded as a column is when it is shared.

    The price of a sort of every column, none for public edges. Leaks nothing.
    """
    p = rows.shape[1]
    if isinstance(bins, int | np.integer):
        if not 2 <= bins <= 256:
            raise UsageError("bins is a public number from 2 to 256, or the edges of columns")
        parts = np.arange(1, bins) / bins
        return np.transpose(np.quantile(rows, parts, axis=0, method="lower"))
    edges = np.asarray(operand(bins), np.float64)
    if edges.ndim != 2 or len(edges) != p or edges.shape[1] == 0 or not np.isfinite(edges).all():
        raise UsageError(f"public edges have a row for each of the {p} columns")
    return np.rint(np.ldexp(edges, rows.dtype.f)) * 2.0**-rows.dtype.f


def below_edges(rows: SecretArray, edges: Any) -> SecretArray:
    """(n, p m) integers: 1 where a row is not above an edge. n p m comparisons and words."""
    flags = np.expand_dims(rows, -1) <= edges
    return np.reshape(as_number(flags), (len(rows), edges.size))


def sums_below(member: SecretArray, targets: SecretArray, below: SecretArray) -> SecretArray:
    """(groups, k, p m): sums of the k targets over the rows of a group below each edge; exact.

    member: (n, groups) integers, how often a row is in a group. targets: (n, k). Two rounds.
    """
    (n, groups), k = member.shape, targets.shape[1]
    each = np.expand_dims(member, -1) * np.expand_dims(targets, 1)
    found = np.reshape(each, (n, groups * k)).T @ below
    return np.reshape(found, (groups, k, below.shape[1]))


def side_of(below: SecretArray, flags: SecretArray) -> SecretArray:
    """(n, groups) integers: 1 where a row is not above the edge that `flags` (groups, p m)
    choose, 1 at most in each group; 0 if they choose none. One round."""
    return declared(below @ flags.T, 1)
