"""Cholesky's factor: how near its square is, what it finds, and what it does not."""

from typing import Any

import numpy as np
import pytest

from mpckernel.errors import OutOfRange
from mpckernel.protocols.composed.cholesky import cholesky
from mpckernel.protocols.composed.norms import lengths
from tests.protocols.composed.loose import Bench, rounding

UNIT = 2.0**-20


def rng(seed: int) -> Any:
    return np.random.default_rng(seed)  # noqa: TID251


def definite(p: int, bits: int, seed: int) -> np.ndarray:
    """Words at scale 30 of a matrix of condition number 2^bits, times powers of two."""
    r = rng(seed)
    q = np.linalg.qr(r.normal(size=(p, p)))[0]
    a = (q * np.geomspace(1, 2.0**-bits, p)) @ q.T
    d = 2.0 ** r.integers(-4, 5, p)
    a = a * d * d[:, None]
    return np.rint((a + a.T) / 2 * 2**30).astype(np.int64)


def factor(w: np.ndarray, bound: int, scheme: str = "loose") -> np.ndarray:
    bench = Bench(scheme)
    (x,) = bench.run(cholesky(bench.do, bench.secret(w, bound), 40 - 30))
    return x * UNIT


@pytest.mark.parametrize("mode", ["random", "floor", "up"])
@pytest.mark.parametrize("p", [1, 2, 3, 10, 24])
def test_its_square_is_the_matrix(p: int, mode: str) -> None:
    for bits in (0, 6, 10, 13):
        w = definite(p, bits, bits + p)
        with rounding(mode):
            x = factor(w, 2**40)
        a = w / 2.0**30
        sizes = np.sqrt(np.diag(a))
        rows = np.abs(x).sum(1) + p * UNIT
        allowed = (p + 8) * 2.0**-25 * np.outer(sizes, sizes) + np.add.outer(rows, rows) * UNIT
        least = np.linalg.eigvalsh(a / np.outer(sizes, sizes))[0]
        if least >= 2.0**-13:
            assert x.any(), (p, bits)
        if x.any():
            assert np.all(np.abs(x @ x.T - a) <= allowed), (p, bits)
            assert np.all(np.triu(x, 1) == 0)


NOT_DEFINITE = {
    "negative": [[1, 0], [0, -1]],
    "zero": [[0, 0], [0, 1]],
    "nothing": [[0, 0], [0, 0]],
    "indefinite": [[1, 2], [2, 1]],
    "far from it": [[1, 2**20], [2**20, 1]],
    "a power of two that wraps": [[4, 2**30], [2**30, 4]],
    "late": [[1, 0.5, 0.5], [0.5, 1, -0.9], [0.5, -0.9, 1]],
    "singular": [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
    "large beside": [[1, 0, 0], [0, 1e-6, 0.9], [0, 0.9, 1]],
    "last": [[1, 0, 0], [0, 1, 0], [0, 0, -1e-6]],
}


@pytest.mark.parametrize("name", NOT_DEFINITE)
def test_what_is_not_definite_gives_zeros(name: str) -> None:
    """In the clear: what comes after the first failure may wrap, and does not count."""
    w = np.rint(np.array(NOT_DEFINITE[name]) * 2**20).astype(np.int64)
    assert not factor(w, 2**51, "plain").any()


def test_only_the_lower_triangle_is_read() -> None:
    w = definite(4, 3, 7)
    np.testing.assert_array_equal(factor(np.tril(w), 2**40, "plain"), factor(w, 2**40, "plain"))


def test_price() -> None:
    for p, rounds in ((2, 135), (10, 520)):
        bench = Bench("rep3")
        cholesky(bench.do, bench.secret(np.zeros((p, p), np.int64), 2**36), 20)
        assert bench.plan.cost.rounds <= rounds
    with pytest.raises(OutOfRange, match="factored"):
        cholesky(bench.do, bench.secret(np.zeros((2, 2), np.int64), 2**60), 20)


@pytest.mark.parametrize("bound", [2**10, 2**36, 2**60])
@pytest.mark.parametrize("c", [0, 20, -4])
def test_lengths(bound: int, c: int) -> None:
    if bound == 2**60:
        c = -40
    r = rng(3)
    w = np.rint(r.uniform(-1, 1, (50, 40)) * np.geomspace(1, bound / 2, 40)).astype(np.int64)
    w[:, 3], w[:, 4], w[1:, 5] = 0, bound, 0
    bench = Bench()
    (got,) = bench.run(lengths(bench.do, bench.secret(w, bound), c))
    exact = np.sqrt((w.astype(np.longdouble) ** 2).sum(0)) * 2.0**c
    assert np.all(np.abs(got - exact) <= exact * (2.0**-18 + 50 * 2.0**-29) + 2)
