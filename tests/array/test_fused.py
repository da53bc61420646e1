"""Fused products: values, bounds, types, and that sums and factors cost no cut of their own."""

# ruff: noqa: TID251 (tests bring their own generator)

from fractions import Fraction

import numpy as np
import pytest

import mpckernel
from mpckernel import sfix, sfix16, sfix20, sfix24, share, sint
from mpckernel.array.functions.fused import _rounded, declared, matmul_to
from mpckernel.array.functions.shaping import moved
from mpckernel.array.owners import OwnerName
from mpckernel.array.reveal import reveal
from mpckernel.errors import OutOfRange, UsageError
from tests.rooms import plain_room, three_rooms

X = np.linspace(-2, 2, 12).reshape(3, 4)
Y = np.linspace(-1, 3, 8).reshape(4, 2)
C = np.linspace(0, 1, 6).reshape(3, 2)
STEP = 2.0**-16


def _computed(program, rooms=plain_room, **private):
    with rooms() as party:
        return party.run(program, [private, {}, {}][: len(party.rooms)])[0]


def _shared(name, dtype=sfix16, bound=4):
    return share(getattr(OwnerName("alice", 0), name), dtype=dtype, bound=bound)


def _opened(cell, z):
    out = reveal(z)
    cell.flush()
    return out.value()


def _cuts(cell):
    cuts = ("trunc", "mul_trunc", "matmul_trunc", "matmul_plus")
    return [c.op.ideal.name for c in cell.plan.calls if c.op and c.op.ideal.name in cuts]


@pytest.mark.parametrize("rooms", [plain_room, three_rooms])
@pytest.mark.parametrize("times", [1, 0.5, -0.25 / 3, Fraction(5, 128), 3])
@pytest.mark.parametrize("added", [None, sfix(8), sfix16, sfix20])
def test_product_factor_and_sum_take_one_cut(rooms, times, added):
    def program(cell):
        plus = None if added is None else _shared("c", added)
        z = matmul_to(_shared("x", sfix24), _shared("y"), sfix16, times=times, plus=plus)
        assert z.dtype == sfix16
        assert len(_cuts(cell)) == 1
        return _opened(cell, z)

    got = _computed(program, rooms, x=X, y=Y, c=C)
    m, k = _rounded(Fraction(times))
    expected = m * 2.0**-k * (X @ Y) + (0 if added is None else C)
    given = abs(float(times)) * np.abs(X).sum(1).max() * STEP / 2 + STEP / 4  # by inputs
    given += 2.0**-9 if added == sfix(8) else STEP / 2
    assert np.abs(got - expected).max() <= STEP + given


@pytest.mark.parametrize("times", [1, -1, 0, 0.1, 1 / 3, -7, 255, 257, 1000.1, 2.0**-30, 0.99999])
def test_factors_have_8_bits(times):
    m, k = _rounded(Fraction(times))
    assert abs(m) < 256
    assert abs(Fraction(m) / Fraction(2) ** k - Fraction(times)) <= abs(Fraction(times)) / 256


def test_momentum_is_added_before_the_cut_and_a_weight_after_it():
    def program(cell):
        v, w = _shared("v"), _shared("w")
        slowed = mpckernel.SecretArray((v * 7).call, sfix(19))  # 7/8 v
        v = matmul_to(_shared("x").T, _shared("d"), sfix16, times=1 / 4, plus=slowed)
        w = matmul_to(_shared("x").T, _shared("d"), sfix16, times=-1 / 8, plus=w)
        assert _cuts(cell) == ["matmul_plus", "matmul_trunc"]
        return _opened(cell, v), _opened(cell, w)

    d, v, w = np.ones((3, 2)), np.full((4, 2), 0.5), np.full((4, 2), 2.0)
    new_v, new_w = _computed(program, x=X, d=d, v=v, w=w)
    assert np.abs(new_v - (7 / 16 + X.T @ d / 4)).max() <= 2 * STEP
    assert np.abs(new_w - (2 - X.T @ d / 8)).max() <= 2 * STEP


@pytest.mark.parametrize("t", [sfix(8), sfix16, sfix24])
def test_windows_are_added_up_before_the_cut(t):
    image, kernel = (2, 3, 5, 4), (2, 2)
    spread = ("placed_windows", image, kernel, (1, 1), (0, 0))
    rng = np.random.default_rng(5)
    g, filters = rng.uniform(-1, 1, (24, 5)), rng.uniform(-1, 1, (5, 12))

    def program(cell):
        z = matmul_to(_shared("g"), _shared("filters"), t, spread=spread)
        assert z.shape == image
        _, bits = cell.plan.cost
        assert bits <= 64 * 9 * z.size  # what the result has, not what its windows have
        direct = np.sum(moved(spread, _shared("g") @ _shared("filters")), axis=0)
        return _opened(cell, z), _opened(cell, direct)

    got, direct = _computed(program, three_rooms, g=g, filters=filters)
    assert np.abs(got - direct).max() <= 4 * STEP + 2.0**-t.f


def test_bounds_are_those_stated():
    def program(cell):
        x = _shared("x", sfix24)
        small, large = declared(x, 2), declared(x, 64)
        assert (small.bound, large.bound) == (2 << 24, 64 << 24)
        y, c = _shared("y"), _shared("c")
        assert matmul_to(x, y, sfix16, most=3.0).bound == (3 << 16) + 1
        assert matmul_to(x, y, sfix16, most=3.0, plus=c).bound == (3 << 16) + 1
        assert matmul_to(x, y, sfix16).bound <= (4 * 4 * 4 << 16) + 1
        with pytest.raises(UsageError):
            declared(x, 2.0**60)
        with pytest.raises(UsageError):
            matmul_to(x, c, sfix16)
        with pytest.raises(UsageError):
            matmul_to(c, _shared("c").T, sfix16, plus=_shared("x"))
        return _opened(cell, small)

    assert np.abs(_computed(program, x=X, y=Y, c=C) - X).max() <= 2.0**-24


def test_a_stated_bound_saves_limbs():
    def program(cell):
        x, y = declared(_shared("x", sfix24), 2.0**20), declared(_shared("y", sfix24), 2.0**20)
        z = matmul_to(x, y, sfix24, most=64)
        assert _cuts(cell) == ["matmul_trunc"]
        with pytest.raises(OutOfRange):
            matmul_to(x, y, sfix24, times=2.0**14)
        return _opened(cell, z)

    assert np.abs(_computed(program, three_rooms, x=X, y=Y) - X @ Y).max() <= 2.0**-20


def test_public_matrices_integers_and_booleans():
    def program(cell):
        one = matmul_to(X, _shared("y"), sfix16, times=0.5, plus=1.0)
        two = matmul_to(_shared("n", sint, 10), _shared("y"), sfix16, times=0.5, plus=C)
        three = matmul_to(_shared("x") > 0, _shared("y"), sfix16)
        return [_opened(cell, z) for z in (one, two, three)]

    n = np.arange(12).reshape(3, 4) - 3
    got = _computed(program, x=X, y=Y, n=n)
    for z, want in zip(got, (X @ Y / 2 + 1, n @ Y / 2 + C, (X > 0) @ Y), strict=True):
        assert np.abs(z - want).max() <= 2.0**-11


def test_a_recorded_bound_is_kept_where_intervals_go_too_far():
    @mpckernel.recorded
    def step(w, x):
        return matmul_to(x, w, sfix16, most=4.0)

    def program(cell):
        w, x = _shared("w", sfix24, 3), _shared("x", sfix24, 2**11 - 5)
        return step(w, x).bound  # recorded for 4 and 2^11, and used with less

    assert _computed(program, x=np.zeros((2, 784)), w=np.zeros((784, 3))) == (4 << 16) + 1


def test_a_recorded_step_has_one_form():
    """Bounds declared from norms, in and out: the second step is the first one again."""

    @mpckernel.recorded
    def step(w, x):
        w = declared(w, 32)
        a = matmul_to(x, w, sfix16, most=28 * 32)
        return declared(matmul_to(x.T, a, sfix16, times=-(2.0**-16), plus=w, most=64), 32)

    def program(cell):
        w, x = _shared("w"), _shared("x", sfix(8), 1)
        for _ in range(3):
            w = step(w, x)
        assert w.bound <= 32 << 16
        return _opened(cell, w)

    rng = np.random.default_rng(6)
    x, w = rng.integers(0, 256, (128, 784)) / 256, rng.uniform(-0.03, 0.03, (784, 3))
    want = w
    for _ in range(3):
        want = want - 2.0**-16 * (x.T @ (x @ want))
    assert np.abs(_computed(program, x=x, w=w) - want).max() <= 2.0**-13
