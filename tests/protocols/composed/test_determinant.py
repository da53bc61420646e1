"""Determinants: the stated error wherever the certificate holds, else 0; and what they send."""

from typing import Any

import numpy as np
import pytest

from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import determinant
from mpckernel.protocols.composed.cofactors import expanded, fitting
from mpckernel.protocols.composed.determinant import LEAST, det, slogdet
from mpckernel.protocols.composed.inverse import reach
from mpckernel.protocols.composed.rotations import rotation
from mpckernel.protocols.composed.solving import solve
from tests.protocols.composed.loose import Bench, rounding
from tests.protocols.composed.test_solving import F, matrix, rng, singular, smallest
from tests.runtime.test_lanes import run

STEP = 2.0**-20


def found(w: np.ndarray, bound: int = 2**40, scheme: str = "loose") -> tuple[float, float]:
    """(sign, logarithm) of words at scale F."""
    bench = Bench(scheme)
    sign, size = bench.run(*slogdet(bench.do, bench.secret(w, bound), F, 20))
    return sign.item() * STEP, size.item() * STEP


def allowed(w: np.ndarray) -> float:
    p = len(w)
    return 2.0**-17 + 3 * STEP + p * p * 2.0**-40 / smallest(w / 2.0**F)


@pytest.mark.parametrize("mode", ["random", "ends"])
@pytest.mark.parametrize("p", [1, 2, 3, 10, 30])
def test_the_error_is_the_stated_one(p: int, mode: str) -> None:
    """Ill-scaled matrices of either sign, up to the last condition number that is promised."""
    signs = set()
    for seed, bits in enumerate([0, 6, 12, 16, 20] if p < 30 else [3, 16]):
        kind = ("spread", "one", "half")[seed % 3]
        r = rng(100 * p + seed)
        sizes = 2.0 ** r.integers(-4, 5, (2, p))
        w = np.rint(matrix(p, 2.0**bits, kind, seed + p) * sizes[0] * sizes[1, :, None] * 2**F)
        w[0] *= (-1) ** seed
        w = w.astype(np.int64)
        with rounding(mode):
            sign, size = found(w)
        want = np.linalg.slogdet(w / 2.0**F)
        if -np.log2(smallest(w / 2.0**F)) <= reach(p) - 1:
            assert sign == want.sign, (p, bits)
        if sign:
            assert abs(size - want.logabsdet) <= allowed(w), (p, bits)
            signs.add(sign)
        else:
            assert size == LEAST
    assert len(signs) == 2 or p == 30


@pytest.mark.parametrize("p", [2, 3, 5, 16])
def test_permutations(p: int) -> None:
    """Which have a pivot of 0 as they are."""
    for seed in range(3):
        a = np.eye(p, dtype=np.int64)[rng(seed + p).permutation(p)]
        sign, size = found(a[::-1] << F)
        assert sign == np.linalg.det(a[::-1])
        assert abs(size) <= 2.0**-17 + 4 * STEP


def test_a_hundred_rows() -> None:
    w = np.rint(rng(5).normal(size=(100, 100)) * 2**F).astype(np.int64)
    sign, size = found(w, 2**36)
    want = np.linalg.slogdet(w / 2.0**F)
    assert sign == want.sign
    assert abs(size - want.logabsdet) <= allowed(w)


@pytest.mark.parametrize("p", [1, 2, 7])
def test_a_singular_matrix_has_none(p: int) -> None:
    """And no word of the way exceeds its bound, which Bench checks."""
    for name, a in singular(p).items():
        w = np.rint(a * 2**F).astype(np.int64)
        if name == "rank" and p > 1:
            w[0] = w[1]
        assert found(w, 2**36) == (0, LEAST), name


def test_a_second_pair_of_rotations_helps(monkeypatch: Any) -> None:
    """Well conditioned, but turned by the first so that pivots vanish; and all bounds hold."""
    p = 6
    q = [rotation(p, k)[0].view(np.int64) / 2.0**30 for k in (0, 1)]
    b = np.zeros((p, p))
    b[:3, 3:], b[3:, :3] = np.eye(3), np.eye(3)
    a = 0.75 * q[0].T @ b @ q[1].T  # normalising multiplies all of it by one power of two
    for sums in (np.abs(a).sum(0), np.abs(a).sum(1)):
        assert len(set(np.floor(np.log2(sums)))) == 1
    w = np.rint(a * 2**F).astype(np.int64)
    sign, size = found(w)
    assert sign == np.sign(np.linalg.det(a))
    assert abs(size - p * np.log(0.75)) <= allowed(w)
    monkeypatch.setattr(determinant, "TRIED", 1)
    assert found(w) == (0, LEAST)


@pytest.mark.parametrize("size", [1.0, 2.0**-9, 2.0**-3])
def test_determinants_as_numbers(size: float) -> None:
    """Of any size down to less than a step."""
    p, f = 5, 20
    w = np.rint(matrix(p, 8, "spread", 3) * size * 2**F).astype(np.int64)
    bench = Bench()
    most = fitting(p, 2**31, p * F - f, 2**60)
    (got,) = bench.run(det(bench.do, bench.secret(w, 2**31), F, f, most))
    want = np.linalg.det(w / 2.0**F)
    assert abs(got.item() * STEP - want) <= 2 * STEP + 2.0**-20 * abs(want)


def exact(m: list[list[int]]) -> int:
    if len(m) == 1:
        return m[0][0]
    rest = [[row[:j] + row[j + 1 :] for row in m[1:]] for j in range(len(m))]
    return sum((-1) ** j * m[0][j] * exact(rest[j]) for j in range(len(m)))


@pytest.mark.parametrize("p", [1, 2, 3, 4])
@pytest.mark.parametrize("near", [False, True])
def test_expansion(p: int, near: bool) -> None:
    """Exact for whole numbers; within its units at the largest bound that fits."""
    cut = 20 * (p - 1) if near else 0
    b = 2**9
    while (2 * b) ** p * 16 < 2 ** (62 + cut):
        b *= 2
    w = rng(p).integers(-b, b + 1, (2, 40, p, p))
    w[0, 0], w[0, 1] = b, np.where(np.eye(p, dtype=bool), b, -b)
    bench = Bench()
    (got,) = bench.run(expanded(bench.do, bench.secret(w, b), cut))
    want = [exact(m) for m in w.reshape(-1, p, p).tolist()]
    errors = [abs(int(g) * 2**cut - e) / 2**cut for g, e in zip(got.reshape(-1), want, strict=True)]
    assert max(errors) <= (14 if near else 0)
    if p > 1:
        with pytest.raises(OutOfRange, match="slogdet"):
            expanded(bench.do, bench.secret(w, 2**58), cut // 2)


FIRST = [
    [221703777, -182579581, -1034617628],
    [875122821, -552985284, 285111957],
    [581316598, 902105025, -34627162],
]


def test_rotations() -> None:
    """Orthogonal, of the determinant that is told, and the same for good."""
    for p in (1, 2, 3, 40):
        for which in (0, 1):
            words, odd = rotation(p, which)
            q = words.view(np.int64) / 2.0**30
            assert np.abs(q @ q.T - np.eye(p)).max() <= 2.0**-28
            assert abs(np.linalg.det(q) - (-1 if odd else 1)) <= 2.0**-27
    words, _ = rotation(3, 0)
    assert words.view(np.int64).tolist() == FIRST


@pytest.mark.parametrize(
    ("p", "rounds", "bits"), [(2, 195, 3e5), (10, 615, 2.12e6), (100, 5700, 2.2e8)]
)
def test_price(p: int, rounds: int, bits: float) -> None:
    bench = Bench("rep3")
    slogdet(bench.do, bench.secret(np.zeros((p, p), np.int64), 2**36), 20, 20)
    assert bench.plan.cost.rounds <= rounds
    assert bench.plan.cost.bits / 3 <= bits
    for k, few in ((2, 3), (3, 6), (4, 10)):
        bench = Bench("rep3")
        expanded(bench.do, bench.secret(np.zeros((k, k), np.int64), 2**20), 20 * (k - 1))
        assert bench.plan.cost.rounds <= few


def test_among_three_parties() -> None:
    """Rounds and bits sent are those of the plan, which `run` holds."""
    w = np.rint(matrix(3, 8, "spread", 4) * 2**F).astype(np.int64)

    def logarithm(do: Any, w: Any) -> Any:
        return do(ideal.move, *slogdet(do, w, F, 20), how=("concatenate", 0))

    got, cost = run(logarithm, (w, 2**40))
    want = np.linalg.slogdet(w / 2.0**F)
    assert cost.rounds > 200
    np.testing.assert_allclose(got.view(np.int64) * STEP, want, rtol=0, atol=allowed(w))
    got, _ = run(lambda do, w: expanded(do, w, 2 * F), (w, 2**31))
    assert abs(got.view(np.int64).item() / 2.0**F - np.linalg.det(w / 2.0**F)) <= 2.0 ** (1 - F)


def test_equations_among_three_parties() -> None:
    w = np.rint(matrix(3, 8, "spread", 4) * 2**F).astype(np.int64)
    b = np.eye(3, dtype=np.int64)
    got, cost = run(lambda do, w, b: solve(do, w, b, (F, 0, 20)), (w, 2**40), (b, 1))
    assert cost.rounds > 200
    np.testing.assert_allclose(
        got.view(np.int64) * STEP, np.linalg.inv(w / 2.0**F), rtol=0, atol=4 * STEP
    )
