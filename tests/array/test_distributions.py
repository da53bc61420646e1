"""softmax and logsumexp against their definitions."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.array import logsumexp, sfix, share, softmax
from mpckernel.errors import UsageError
from mpckernel.runtime.cell import current
from tests.array.clear import alice, few, ints, near, reals
from tests.rooms import three_rooms

STEP = 2.0**-20
AXES = st.sampled_from([None, 0, -1, (0, 1)])


def parts(x: np.ndarray, axis: Any) -> np.ndarray:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log_sum(x: np.ndarray, axis: Any, keep: bool) -> Any:
    most = x.max(axis=axis, keepdims=True)
    whole = most + np.log(np.exp(x - most).sum(axis=axis, keepdims=True))
    return whole if keep else np.squeeze(whole, axis)


@few
@given(data=st.data(), axis=AXES)
def test_of_reals(clear: Any, data: Any, axis: Any) -> None:
    most = data.draw(st.sampled_from([0.01, 1, 8, 1000, 60_000]))
    x = data.draw(reals((4, 7), most=most))
    want = parts(x, axis)
    near(clear(lambda x: softmax(x, axis), x=x), want, want * 2.0**-11.1 + 3 * STEP)
    keep = data.draw(st.booleans())
    got = clear(lambda x: logsumexp(x, axis, keep), x=x)
    near(got, log_sum(x, axis, keep), 2.0**-12.1 + 4 * STEP)


@few
@given(n=ints((3, 5), np.int8))
def test_of_integers_and_public_arrays(clear: Any, n: np.ndarray) -> None:
    want = parts(n.astype(float), -1)
    near(clear(softmax, n=n), want, want * 2.0**-11.1 + 3 * STEP)
    near(softmax(n), want, 1e-12)
    near(logsumexp(n.astype(float)), log_sum(n.astype(float), None, keep=False), 1e-9)


@pytest.mark.parametrize("f", [10, 16, 24, 30])
def test_other_scales(clear: Any, f: int) -> None:
    x = np.linspace(-3, 3, 64).reshape(2, 32) * np.array([[1], [40]])
    x = np.rint(x * 2**10) / 2**10
    got = clear.cell(lambda: softmax(share(alice.x, dtype=sfix(f), bound=120)), {"x": x})
    near(got, parts(x, -1), parts(x, -1) * 2.0**-11.1 + 3 * 2.0**-f)


@pytest.mark.parametrize("f", [4, 8, 16, 24, 30])
@pytest.mark.parametrize("n", [1, 2, 3, 10, 15, 16, 17])
def test_rows_of_few(clear: Any, f: int, n: int) -> None:
    """Equal ones, one far above, sums near each edge of the table."""
    rows = [np.zeros(n), np.arange(n) * 100.0, -np.arange(n) / 4]
    rows += [np.where(np.arange(n) < k, 5.0, 0.0) for k in range(n)]
    x = np.rint(np.stack(rows) * 2**4) / 2**4
    got = clear.cell(lambda: softmax(share(alice.x, dtype=sfix(f), bound=1600)), {"x": x})
    near(got, parts(x, -1), parts(x, -1) * 2.0**-11.1 + 3 * 2.0**-f + n * 2.0**-f * parts(x, -1))


def test_rows_of_few_take_half_the_rounds(clear: Any) -> None:
    def program() -> Any:
        x = share(alice.x, dtype=sfix(16), bound=64)
        before = current().plan.cost
        softmax(x)
        after = current().plan.cost
        assert (after.rounds - before.rounds, (after.bits - before.bits) // x.size) <= (29, 4600)

    with three_rooms() as rooms:
        rooms.run(lambda _: program(), [{"x": np.zeros((128, 10))}, {}, {}])


def test_many_and_none(clear: Any) -> None:
    x = np.zeros((1, 5000))
    near(clear(softmax, x=x), np.full((1, 5000), 1 / 5000), 4 * STEP)
    near(clear(logsumexp, x=x), np.log(5000), 2.0**-12)
    with pytest.raises(UsageError, match="at least one"):
        clear(softmax, x=np.zeros((0, 3)))
