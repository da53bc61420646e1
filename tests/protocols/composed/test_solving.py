"""Equations against long doubles: the stated error wherever the certificate holds, else 0."""

from typing import Any

import numpy as np
import pytest

from mpckernel.protocols.composed.inverse import inverse, reach, steps
from mpckernel.protocols.composed.solving import found, least_squares, power_of_two, solve
from mpckernel.ring.words import as_words
from tests.protocols.composed.loose import Bench, rounding
from tests.protocols.composed.points import Exact

F = 30  # fraction bits of the matrices here


def rng(seed: int) -> Any:
    return np.random.default_rng(seed)  # noqa: TID251


def matrix(p: int, condition: float, kind: str, seed: int) -> np.ndarray:
    """Of this condition number: singular values spread out, or all equal but one, or but half."""
    r = rng(seed)
    u, v = (np.linalg.qr(r.normal(size=(p, p)))[0] for _ in range(2))
    s = np.geomspace(1, 1 / condition, p)
    if kind != "spread":
        s = np.ones(p)
        s[-1 if kind == "one" else p // 2 :] = 1 / condition
    return (u * s) @ v.T


def smallest(a: np.ndarray) -> float:
    """The least singular value once columns and rows are normalised by sums."""
    a = a / np.abs(a).sum(0)
    return float(np.linalg.svd(a / np.abs(a).sum(1)[:, None], compute_uv=False)[-1])


def solved(w: np.ndarray, b: np.ndarray, bounds: tuple[int, int]) -> tuple[np.ndarray, bool]:
    """Solutions at scale 20 of words at scales F, and the certificate."""
    bench = Bench()
    a = bench.secret(w, bounds[0])
    calls = solve(bench.do, a, bench.secret(b, bounds[1]), (F, F, 20)), found(bench.do, a)
    x, bit = bench.run(*calls)
    return x / 2.0**20, bool(bit.all())


def refined(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The solution, beyond double precision."""
    x = np.linalg.solve(a, b).astype(Exact)
    for _ in range(3):
        x += np.linalg.solve(a, (b - a.astype(Exact) @ x).astype(float))
    return x


def excess(x: np.ndarray, exact: np.ndarray, a: np.ndarray) -> float:
    """The error beyond 2 units, next to the largest unknown, both in units of the columns."""
    sizes = np.abs(a).sum(0)[:, None]
    over = np.clip(np.abs(x - exact) - 2 * 2.0**-20, 0, None) * sizes
    return float((over.max(0) / (np.abs(exact) * sizes).max(0)).max())


@pytest.mark.parametrize("kind", ["spread", "one", "half"])
@pytest.mark.parametrize("p", [2, 3, 10, 33])
def test_the_error_is_the_stated_one(p: int, kind: str) -> None:
    for seed, bits in enumerate([0, 6, 12, 15, 18, 24]):
        r = rng(seed)
        sizes = 2.0 ** r.integers(-4, 5, (2, p))
        w = np.rint(matrix(p, 2.0**bits, kind, seed) * sizes[0] * sizes[1, :, None] * 2**F)
        a = w / 2.0**F
        b = np.rint(a @ (r.normal(size=(p, 2)) * [1, 100]) * 2**F)
        x, good = solved(w.astype(np.int64), b.astype(np.int64), (2**40, 2**52))
        if -np.log2(smallest(a)) <= reach(p) - 1:
            assert good, (p, kind, bits)
        if good:
            assert excess(x, refined(a, b / 2.0**F), a) <= 2.0**-28, (p, kind, bits)
        else:
            assert not x.any()


@pytest.mark.parametrize("mode", ["floor", "up", "random"])
def test_a_hundred_unknowns(mode: str) -> None:
    w = np.rint(rng(5).normal(size=(100, 100)) * 2**F).astype(np.int64)
    a, one = w / 2.0**F, np.eye(100, dtype=np.int64) << F
    with rounding(mode):
        x, good = solved(w, one[:, :3], (2**36, 2**F))
    assert good
    assert excess(x, np.linalg.inv(a)[:, :3], a) <= 2.0**-28


def singular(p: int) -> dict[str, np.ndarray]:
    r = rng(p)
    low = r.normal(size=(p, p - 1)) @ r.normal(size=(p - 1, p))
    row, column = (r.normal(size=(p, p)) for _ in range(2))
    row[p // 2], column[:, p // 2] = 0, 0
    return {"rank": low, "row": row, "column": column, "nothing": np.zeros((p, p))}


@pytest.mark.parametrize("p", [1, 2, 7, 20])
def test_a_singular_matrix_gives_zeros(p: int) -> None:
    """And no word of the way exceeds its bound, which Bench checks."""
    for name, a in singular(p).items():
        w = np.rint(a * 2**F).astype(np.int64)
        if name == "rank" and p > 1:
            w[0] = w[1]
        x, good = solved(w, np.full((p, 1), 2**F), (2**36, 2**40))
        assert not good, name
        assert not x.any(), name


def test_a_solution_that_is_too_large_gives_zeros() -> None:
    w = as_words(np.array([[2**F, 0], [0, 2 ** (F - 9)]])).view(np.int64)
    b = np.array([[3, 3, 0], [2**11 - 1, 5 * 2**10 + 1, 0]]) * 2**F
    x, good = solved(w, b, (2**31, 2**50))
    assert good
    np.testing.assert_array_equal(x, [[3, 0, 0], [(2**11 - 1) * 512, 0, 0]])


def test_least_squares() -> None:
    r = rng(8)
    a = r.normal(size=(200, 6)) * [1, 1e-4, 1e3, 5, 1, 1]
    a[:, 5] += 20 * a[:, 0]
    w, y = np.rint(a * 2**F).astype(np.int64), np.rint(r.normal(size=(200, 1)) * 2**F)
    bench = Bench()
    given = bench.secret(w, 2**46), bench.secret(y.astype(np.int64), 2**34)
    (x,) = bench.run(least_squares(bench.do, *given, (F, F, 20)))
    exact = np.linalg.lstsq(w / 2.0**F, y / 2.0**F, rcond=None)[0]
    assert excess(x / 2.0**20, exact, a) <= 2.0**-24


def test_powers_of_two() -> None:
    bench = Bench()
    k = np.arange(41)
    (got,) = bench.run(power_of_two(bench.do, bench.secret(k, 41), 6))
    np.testing.assert_array_equal(got, 2**k)


@pytest.mark.parametrize(("p", "rounds", "bits"), [(2, 275, 2e5), (10, 285, 12e5), (100, 305, 1e8)])
def test_price(p: int, rounds: int, bits: float) -> None:
    bench = Bench("rep3")
    w = bench.secret(np.zeros((p, p), np.int64), 2**36)
    solve(bench.do, w, bench.secret(np.zeros((p, 1), np.int64), 2**36), (20, 20, 20))
    assert bench.plan.cost.rounds <= rounds
    assert bench.plan.cost.bits / 3 <= bits
    assert len(steps(p)) <= 37


def test_the_steps_are_few_enough_for_every_size() -> None:
    """X grows no further than its words allow."""
    for p in (1, 2, 100, 128):
        bench = Bench("rep3")
        a: Any = inverse(bench.do, bench.secret(np.zeros((p, p), np.int64), 2**36))
        assert a.scale >= 14
        assert a.norm < 2.0**25
