"""Trees that are grown and kept in secret: nobody sees a column, a threshold, or a row's way.

All nodes of a level, of all trees, are split at once. For every edge of every column the sums on
both sides are known from a histogram; the edge with the least impurity left is the largest of
sum_k L_k^2 / L + sum_k R_k^2 / R, for classes the Gini impurity, for numbers the squared error. It
is kept as a flag, which then sends the rows left or right.
Source: Breiman and others, Classification and Regression Trees, 1984. Departs from it in: edges are
those of histograms.py; a node that cannot be split is split all the same, its children saying the
same. That is how the shape of a tree tells nothing.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from mpckernel.array.functions.fused import declared
from mpckernel.array.inputs import share
from mpckernel.array.publics import as_number
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn.extremes import chosen, first_largest
from mpckernel.learn.histograms import side_of, sums_below

DEEPEST = 8


class Sums(NamedTuple):
    """What is known of groups of rows. targets: (..., k) sums, rows: (...) how many."""

    targets: SecretArray
    rows: SecretArray


class Nodes(NamedTuple):
    """Of one level. member: (n, nodes), how often a row is there. said: the sums of the next node
    above that is not empty, or its own."""

    member: SecretArray
    sums: Sums
    said: Sums


def known_depth(depth: Any) -> None:
    """Raise UsageError for a depth that trees cannot have."""
    if not isinstance(depth, int) or not 1 <= depth <= DEEPEST:
        raise UsageError(f"max_depth is a public number from 1 to {DEEPEST}")


def grown(
    below: Any, targets: Any, member: Any, depth: int, *, allowed: Any = None, beside: Any = None
) -> tuple[list[Any], Sums, Any]:
    """Trees of a public depth, from rows below edges (histograms.py).

    targets: (n, k), a flag for each class, or one number. member: (n, trees), how often a row
    counts. allowed: public, for each level (nodes, e) numbers of the edges a node may be split at.
    beside: (n, e) numbers that are added up, too, and split nothing.
    Gives the flags of each level, (trees 2^level, p m); the sums of the leaves, of targets and of
    what is beside; and (n, trees 2^depth) how often a row is in a leaf.
    Rounds of a level: 50 for up to 256 edges p m, 12 more for each factor of 16. Leaks nothing.
    """
    scored, largest = targets.shape[1], targets.bound * 2.0**-targets.dtype.f
    summed = targets if beside is None else np.concatenate([targets, beside], axis=1)
    level, splits = _roots(summed, member), list[Any]()
    for k in range(depth):
        left, right = _sides(level, summed, below)
        among = None if allowed is None else allowed[k]
        flags = _best(_picked(left, among), _picked(right, among), scored, largest)
        flags = flags if among is None else _put_back(flags, among, below.shape[1])
        level = _split(level, left, flags, below)
        splits.append(flags)
    return splits, level.said, level.member


def means(said: Sums, largest: float) -> SecretArray:
    """(leaves, k) means of targets that are at most `largest`."""
    values = np.divide(said.targets, np.expand_dims(said.rows, -1))
    return declared(values, largest * (1 + 2.0**-12) + 2.0**-10)


def _roots(targets: SecretArray, member: SecretArray) -> Nodes:
    """Every tree has one node, with all rows."""
    sums = Sums(member.T @ targets, np.sum(member, axis=0))
    return Nodes(member, sums, sums)


def _sides(level: Nodes, targets: SecretArray, below: SecretArray) -> tuple[Sums, Sums]:
    """(nodes, k, p m) and (nodes, p m): left and right of every edge."""
    left = Sums(sums_below(level.member, targets, below), level.member.T @ below)
    all_targets, all_rows = (np.expand_dims(x, -1) for x in level.sums)
    return left, Sums(all_targets - left.targets, all_rows - left.rows)


def _split(level: Nodes, left: Sums, flags: SecretArray, below: SecretArray) -> Nodes:
    """The children of all nodes at the edges that flags choose, left and right side by side."""
    found = Sums(chosen(np.expand_dims(flags, 1), left.targets), chosen(flags, left.rows))
    sums = Sums(*(_children(a, b - a) for a, b in zip(found, level.sums, strict=True)))
    stays = level.member * side_of(below, flags)
    member = np.stack([stays, level.member - stays], axis=-1)
    member = declared(np.reshape(member, (len(below), -1)), level.member.bound)
    return Nodes(member, sums, _inherited(sums, level.said))


def _children(left: SecretArray, right: SecretArray) -> SecretArray:
    """(2 nodes, ...), those of one node side by side."""
    both = np.stack([left, right], axis=1)
    return np.reshape(both, (2 * len(left), *left.shape[1:]))


def _inherited(sums: Sums, said: Sums) -> Sums:
    """The sums of children; where one is empty, what its parent says."""
    some = sums.rows > 0
    above = Sums(*(np.repeat(x, 2, axis=0) for x in said))
    return Sums(
        np.where(np.expand_dims(some, -1), sums.targets, above.targets),
        np.where(some, sums.rows, above.rows),
    )


def _best(left: Sums, right: Sums, scored: int, largest: float) -> SecretArray:
    """(nodes, edges) flags of the best split of the first targets; of edges with an empty side the
    worth is 0, and of others at least 1.

    A sum squared over as many rows is at most these rows times the largest target squared.
    """
    targets = np.stack([left.targets[:, :scored], right.targets[:, :scored]])
    rows = np.stack([left.rows, right.rows])
    parts = np.divide(np.sum(np.square(targets), axis=2), rows)
    parts = declared(parts, left.rows.bound * largest**2 * (1 + 2**-10) + 1)
    some = rows > 0
    return first_largest((parts[0] + parts[1] + 1) * as_number(some[0] & some[1]))


def _picked(sums: Sums, among: Any) -> Sums:
    """Those at the edges that each node may use; free."""
    if among is None:
        return sums
    node, k = np.arange(len(among))[:, None], np.arange(sums.targets.shape[1])[:, None]
    targets = sums.targets[node[:, :, None], k, among[:, None, :]]
    return Sums(targets, sums.rows[node, among])


def _put_back(flags: SecretArray, among: np.ndarray, edges: int) -> SecretArray:
    """(nodes, e) flags at their places among all edges; free."""
    nodes, e = among.shape
    at = np.full((nodes, edges), e)
    np.put_along_axis(at, among, np.broadcast_to(np.arange(e), (nodes, e)), axis=1)
    wide = np.concatenate([flags, np.zeros((nodes, 1), np.int64)], axis=1)
    return wide[np.arange(nodes)[:, None], at]


# How new rows go.


def paths(
    splits: Sequence[SecretArray], edges: Any, rows: SecretArray
) -> tuple[SecretArray, SecretArray]:
    """Of all nodes, level by level: (nodes, p) flags of the column, and (nodes,) the threshold."""
    flags = np.concatenate(splits)
    p, m = edges.shape
    columns = np.sum(np.reshape(flags, (len(flags), p, m)), axis=-1)
    flat = share(np.reshape(edges, (1, p * m)), rows.dtype)
    return declared(columns, 1), chosen(flags, flat)


def leaves(
    rows: SecretArray, columns: SecretArray, thresholds: SecretArray, depth: int
) -> SecretArray:
    """(n, trees 2^depth) integers, 1 at the leaf where a row ends in each tree.

    One comparison for each row and node; rounds: 12 and log2(depth). Leaks nothing.
    """
    nodes = len(thresholds)
    trees = nodes // (2**depth - 1)
    x = declared(rows @ columns.T, rows.bound * 2.0**-rows.dtype.f)
    left = x <= thresholds
    both = np.concatenate([left, ~left], axis=1)  # those that go right, after all nodes
    leaf, steps = np.arange(2**depth), list[np.ndarray]()
    for level in range(depth):
        first = trees * (2**level - 1) + 2**level * np.arange(trees)[:, None]
        turn = leaf >> (depth - 1 - level) & 1
        steps.append(first + (leaf >> (depth - level)) + turn * nodes)
    ways = np.stack(steps, axis=-1).reshape(trees * 2**depth, depth)
    return as_number(np.all(both[:, ways], axis=-1))
