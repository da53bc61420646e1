"""Edges, rows below them, and sums of groups of rows: all exact."""

import numpy as np

from mpckernel.array import reveal, share
from mpckernel.learn.histograms import below_edges, edges_of, side_of, sums_below
from tests.learn.pooled import ALICE, one, three


def data() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)  # noqa: TID251  (test data)
    x = np.round(rng.normal(size=(30, 3)) * 4) / 4
    return {"x": x, "t": rng.integers(-5, 6, (30, 2)), "g": rng.integers(0, 3, (30, 4))}


def program(_):
    x, member = share(ALICE.x, bound=16), share(ALICE.g)
    edges = edges_of(x, 5)
    below = below_edges(x, edges)
    flags = np.zeros((4, 12), np.int64)
    flags[[0, 1, 3], [0, 7, 11]] = 1
    sums = sums_below(member, share(ALICE.t), below)
    return reveal(edges, below, sums, side_of(below, share(flags)))


def check(found: tuple[np.ndarray, ...]) -> None:
    edges, below, sums, side = found
    x, t, g = data().values()
    exact = np.quantile(x, np.arange(1, 5) / 5, axis=0, method="lower").T
    assert (edges == exact).all()
    flags = (x[:, :, None] <= exact).reshape(30, 12)
    assert (below == flags).all()
    assert (sums == np.einsum("ng,nk,nc->gkc", g, t, flags)).all()
    assert (side == np.stack([flags[:, 0], flags[:, 7], 0 * flags[:, 0], flags[:, 11]], 1)).all()


def test_in_the_clear() -> None:
    check(one(program, **data()))


def test_three_parties() -> None:
    check(three(program, **data()))


def test_public_edges_are_rounded_as_columns_are() -> None:
    x = np.array([[0.1, 3.0], [0.2, 4.0]])
    edges = np.array([[0.1, 0.15], [3.0, 3.5]])

    def program(_):
        rows = share(ALICE.x)
        return reveal(below_edges(rows, edges_of(rows, edges)))

    assert one(program, x=x).tolist() == [[1, 1, 1, 1], [0, 0, 0, 0]]
