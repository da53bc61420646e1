"""Dropout: how often elements are dropped, what becomes of the others, and of their gradients."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import reveal, settle, share
from mpckernel.errors import UsageError
from mpckernel.nn.derivatives.dropping import dropout, kept, whole
from mpckernel.nn.tensor import Tensor
from tests.array.clear import alice
from tests.nn.clearly import close, random, with_gradients
from tests.rooms import three_rooms

MANY = 4096


def test_three_parties_drop_as_often_as_they_should() -> None:
    """Within 5 standard deviations; each element alone, anew in each repetition."""
    x = random(MANY, most=1.0) + 2.0

    @mpckernel.recorded
    def step(x: Any) -> Any:
        return dropout(Tensor(x), 0.3).data

    def program(_: Any) -> Any:
        secret = share(alice.x, bound=4.0)
        t = Tensor(secret, requires_grad=True)
        y = dropout(t, 0.5)
        y.backward(secret)
        return reveal([y.data, t.grad.data, step(secret), step(secret)])

    with three_rooms() as rooms:
        y, g, first, second = settle(rooms.run(program, [{"x": x}, {}, {}])[0])
    on = y != 0
    np.testing.assert_allclose(y[on], 2 * x[on], rtol=0, atol=2.0**-18)
    np.testing.assert_array_equal(y, g)
    p = float(whole(0.3))
    for values, rate in ((y, 0.5), (first, p), (second, p)):
        dropped = np.count_nonzero(values == 0)
        assert abs(dropped - rate * MANY) <= 5 * np.sqrt(rate * (1 - rate) * MANY)
    assert (first != second).any()
    np.testing.assert_allclose(first[first != 0], x[first != 0] / (1 - p), rtol=2.0**-8)


@pytest.mark.parametrize("parts", [1, 64, 77, 128, 255])
def test_bits_count_numbers(monkeypatch: Any, clear: Any, parts: int) -> None:
    """Over all numbers that the random bits may be, the share of zeros is the probability."""
    p = Fraction(parts, 256)
    b = p.denominator.bit_length() - 1
    table = (np.arange(2**b) >> np.arange(b)[:, None]) & 1 == 1
    monkeypatch.setattr(
        "mpckernel.nn.derivatives.dropping.ask", lambda *_, **__: share(alice.table)
    )
    on = clear.cell(lambda: kept(p, (2**b,)), {"table": table})
    assert Fraction(int(np.count_nonzero(~on)), 2**b) == p


def test_none_all_and_not_in_training(clear: Any) -> None:
    x, g = random(4), random(4, seed=2)
    for f in (lambda x: dropout(x, 0.001), lambda x: dropout(x, 0.5, training=False)):
        close(with_gradients(clear, f, x, backwards=g), [x, g], 0.0)
    close(with_gradients(clear, lambda x: dropout(x, 1.0), x, backwards=g), [0 * x, 0 * g], 0.0)
    close(with_gradients(clear, nn.Dropout(0.5).eval(), x, backwards=g), [x, g], 0.0)


def test_says_what_it_does() -> None:
    assert repr(nn.Dropout(0.3)) == f"Dropout(p={77 / 256:g})"
    for p in (-0.1, 1.5):
        with pytest.raises(UsageError, match="probability"):
            nn.Dropout(p)
