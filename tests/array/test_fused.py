"""Fused products: values, bounds, types, and that sums and factors cost no cut of their own."""

from fractions import Fraction

import numpy as np
import pytest

from mpckernel import sfix, sfix16, sfix24, share
from mpckernel.array.functions.fused import declared, matmul_to
from mpckernel.array.owners import OwnerName
from mpckernel.array.reveal import reveal
from mpckernel.errors import UsageError
from tests.rooms import plain_room

X = np.linspace(-2, 2, 12).reshape(3, 4)
Y = np.linspace(-1, 3, 8).reshape(4, 2)
C = np.linspace(0, 1, 6).reshape(3, 2)


def _computed(program, **private):
    with plain_room() as rooms:
        (result,) = rooms.run(program, [private])
    return result


def _shared(name, dtype=sfix16, bound=4):
    return share(getattr(OwnerName("alice", 0), name), dtype=dtype, bound=bound)


@pytest.mark.parametrize("times", [1, 0.5, -0.25 / 3, Fraction(5, 128)])
@pytest.mark.parametrize("added", [False, True])
def test_product_factor_and_sum(times, added):
    def program(cell):
        plus = _shared("c") if added else None
        z = matmul_to(_shared("x", sfix(8)), _shared("y"), sfix16, times=times, plus=plus)
        assert z.dtype == sfix16
        out = reveal(z)
        cell.flush()
        return out.value()

    got = _computed(program, x=X, y=Y, c=C)
    expected = float(times) * (X @ Y) + (C if added else 0)
    rounded = 2.0**-8 * abs(float(times)) * np.abs(X @ Y).max()
    assert np.abs(got - expected).max() <= 4 * 2.0**-8 + rounded  # of which 2^-8 is x's own


def test_declared_bounds():
    def program(cell):
        x = _shared("x", sfix24)
        small, large = declared(x, 2), declared(x, 64)
        assert (small.bound, large.bound) == (2 << 24, 64 << 24)
        assert matmul_to(x, _shared("y"), sfix16, most=3.0).bound <= (3 << 16) + 2
        with pytest.raises(UsageError):
            declared(x, 2.0**60)
        out = reveal(small)
        cell.flush()
        return out.value()

    assert np.abs(_computed(program, x=X, y=Y) - X).max() <= 2.0**-24
